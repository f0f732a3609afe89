/** Where the systems layer finds what the platform layer has made. */
export const gateway = { namespace: "rampart-gateway", name: "gateway" };
