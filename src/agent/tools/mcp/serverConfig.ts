import type { McpServerConfig } from "./mcpClient";
import { isRecord } from "../calling/normalise";

/** Servers of a configuration, and what is wrong with those that cannot be used. */
export interface ConfiguredServers {
  servers: McpServerConfig[];
  problems: { name: string; message: string }[];
}

const mostServers = 50;

/**
 * Reads servers as `servers` of VS Code's mcp.json has them: by name, `{command, args, env, cwd}` or `{type: "http", url,
 * headers}`. `${workspaceFolder}`, `${userHome}` and `${env:NAME}` are filled in; whatever else is `${…}` is a problem.
 * A program starts in the person's own folder, so that no workspace decides what a name in it means.
 */
export function readServers(
  value: unknown,
  variables: (name: string) => string | undefined,
  home: string,
): ConfiguredServers {
  const found: ConfiguredServers = { servers: [], problems: [] };
  if (!isRecord(value)) return found;
  for (const [name, given] of Object.entries(value).slice(0, mostServers)) {
    try {
      found.servers.push(readServer(name, given, variables, home));
    } catch (error) {
      found.problems.push({ name: name.slice(0, 80), message: error instanceof Error ? error.message : String(error) });
    }
  }
  return found;
}

function readServer(
  name: string,
  given: unknown,
  variables: (name: string) => string | undefined,
  home: string,
): McpServerConfig {
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._@/-]{0,79}$/u.test(name)) throw new Error("This is no name for a server.");
  if (!isRecord(given)) throw new Error("A server is an object with a command or a url.");
  const fill = (text: string): string =>
    text.replace(/\$\{([^}]*)\}/g, (whole, variable: string) => {
      const filled = variables(variable);
      if (filled === undefined) throw new Error(`${whole} is not known here.`);
      return filled;
    });
  const { command, url, type = typeof url === "string" ? "http" : "stdio" } = given;
  if (type === "http" && typeof url === "string") {
    const address = fill(url);
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
      throw new Error("The url must begin with http:// or https://.");
    const headers = texts(given["headers"], "headers", fill);
    return { name, kind: "http", url: address, ...(headers ? { headers } : {}) };
  }
  if (type !== "stdio") throw new Error(`Servers of the type ${JSON.stringify(type)} are not supported.`);
  if (typeof command !== "string" || command.trim() === "") throw new Error("It has no command.");
  const { args = [], cwd } = given;
  if (!Array.isArray(args) || !args.every((each) => typeof each === "string"))
    throw new Error("args must be a list of texts.");
  if (cwd !== undefined && typeof cwd !== "string") throw new Error("cwd must be a text.");
  const env = texts(given["env"], "env", fill);
  return {
    name,
    kind: "stdio",
    command: fill(command),
    args: args.map(fill),
    ...(env ? { env } : {}),
    folder: cwd === undefined ? home : fill(cwd),
  };
}

function texts(value: unknown, what: string, fill: (text: string) => string): Record<string, string> | undefined {
  if (value === undefined) return undefined;
  if (!isRecord(value)) throw new Error(`${what} must be an object of texts.`);
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      if (typeof each !== "string" && typeof each !== "number") throw new Error(`${what}.${name} must be a text.`);
      return [name, fill(String(each))];
    }),
  );
}

/** What a server is, for a person to judge: its whole command line or address, and the names of what it is given. */
export function describeServer(config: McpServerConfig): string {
  const named = (what: string, values: Record<string, string> | undefined) =>
    values && Object.keys(values).length > 0 ? [`${what}: ${Object.keys(values).join(", ")}`] : [];
  if (config.kind === "http") return [config.url, ...named("headers", config.headers)].join("\n");
  const line = [config.command, ...(config.args ?? [])].map((part) =>
    /^[\w@%+=:,./\\-]+$/.test(part) ? part : JSON.stringify(part),
  );
  return [line.join(" "), ...(config.folder ? [`in ${config.folder}`] : []), ...named("env", config.env)].join("\n");
}
