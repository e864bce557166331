declare module "asl-validator" {
  /** Validates a definition. Adds defaults to it. */
  export default function validate(definition: object): {
    readonly isValid: boolean;
    readonly errorsText: (separator?: string) => string;
  };
}
