/** The part of OpenAPI v3 that a CRD understands. */
export interface JsonSchema {
  type: "object" | "array" | "string" | "integer" | "number" | "boolean";
  description?: string;
  format?: string;
  enum?: readonly string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: JsonSchema;
  minProperties?: number;
  maxProperties?: number;
  "x-kubernetes-validations"?: readonly object[];
  "x-kubernetes-list-type"?: "atomic" | "map";
  "x-kubernetes-list-map-keys"?: readonly string[];
}

// Every builder asks for a bound: the API server has to know what a rule over the field can cost at most.

export const text = (description: string, maxLength: number, over: Partial<JsonSchema> = {}): JsonSchema => ({
  type: "string",
  minLength: 1,
  maxLength,
  description,
  ...over,
});

export const count = (
  description: string,
  minimum: number,
  maximum: number,
  over: Partial<JsonSchema> = {},
): JsonSchema => ({
  type: "integer",
  format: "int64",
  minimum,
  maximum,
  description,
  ...over,
});

export const flag = (description: string, over: Partial<JsonSchema> = {}): JsonSchema => ({
  type: "boolean",
  description,
  ...over,
});

export const time = (description: string): JsonSchema => ({
  type: "string",
  format: "date-time",
  maxLength: 40,
  description,
});

export const list = (description: string, maxItems: number, items: JsonSchema): JsonSchema => ({
  type: "array",
  maxItems,
  items,
  "x-kubernetes-list-type": "atomic",
  description,
});

export const map = (description: string, maxProperties: number, values: JsonSchema): JsonSchema => ({
  type: "object",
  maxProperties,
  additionalProperties: values,
  description,
});

/** Left out instead of empty, so that there is one way to say nothing. */
export const notEmpty = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  ...(schema.type === "array" ? { minItems: 1 } : { minProperties: 1 }),
});

export const object = (
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
): JsonSchema => ({ type: "object", description, properties, ...(required.length > 0 ? { required } : {}) });
