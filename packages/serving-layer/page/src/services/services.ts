import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { createClient, type Client } from "../../../src/client/create-client.js";
import { sender } from "../../../src/client/request.js";
import { LiveConnection } from "./live-connection.js";

/** What the page asks the server with. */
export interface Services {
  readonly client: Client<never>;
  readonly live: LiveConnection;
}

export function createServices(token: string | undefined): Services {
  const options = token === undefined ? {} : { token };
  return { client: createClient<{ readonly views: readonly never[] }>(location.origin, options), live: new LiveConnection(sender(location.origin, options)) };
}

export const ServicesContext = createContext<Services | undefined>(undefined);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error("a part of the page lies outside of its services");
  return services;
}
