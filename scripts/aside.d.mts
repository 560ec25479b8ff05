export function installAside(name: string, directory: string): Promise<string>

export function publishedClients(): Promise<string>
