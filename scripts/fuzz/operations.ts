export interface Parameter {
  name: string;
  in: "query" | "path" | "header";
  /** Values that the schema allows, where it lists them. */
  choices: string[];
  example?: string;
}

/** One operation of /openapi.json, as much as is needed to aim at it. */
export interface Operation {
  /** `GET /v1/lake/{part}` */
  name: string;
  method: string;
  path: string;
  roles: string[];
  parameters: Parameter[];
}

interface Document {
  paths: Record<string, Record<string, DocumentOperation>>;
}

interface DocumentOperation {
  parameters?: { name: string; in: string; schema?: { enum?: unknown[]; example?: unknown } }[];
  "x-tidemark-roles"?: string[];
}

/** All operations of the document: what is not described cannot be forgotten here. */
export function operationsOf(document: unknown): Operation[] {
  return Object.entries((document as Document).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      roles: operation["x-tidemark-roles"] ?? [],
      parameters: (operation.parameters ?? []).map(({ name, in: place, schema }) => ({
        name,
        in: place as Parameter["in"],
        choices: (schema?.enum ?? []).map(String),
        ...(schema?.example === undefined ? {} : { example: String(schema.example) }),
      })),
    })),
  );
}
