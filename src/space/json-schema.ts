import { z } from 'zod';
import { choiceSchema } from './choice.ts';
import { spaceFileSchema } from './search-space.ts';

interface JsonSchema {
  readonly [keyword: string]: unknown;
}
type Fields = Readonly<Record<string, JsonSchema>>;

/** Fields of a space in which nothing is left to choose. */
const FIXED_FIELDS = ['$schema', 'name', 'proxy', 'constraints', 'references'];

/**
 * The JSON Schema (draft 2020-12) of space files, for editors: that of the parser itself, with a choice allowed
 * wherever a value of the network may stand.
 */
export function spaceJsonSchema(): JsonSchema {
  const { $schema, ...file } = z.toJSONSchema(spaceFileSchema, { io: 'input' }) as JsonSchema;
  const { $schema: _, ...choice } = z.toJSONSchema(choiceSchema, { io: 'input' }) as JsonSchema;
  const choiceFields = choice.properties as Fields;
  /** By the text of what may stand there: the name and the text of the definition. */
  const definitions = new Map<string, { readonly name: string; readonly schema: JsonSchema }>();

  /** The value itself, or a choice of such values. */
  const orChoice = (value: JsonSchema): JsonSchema => {
    const { description, default: preset, ...inner } = withChoices(value);
    const key = JSON.stringify(inner);
    const name = definitions.get(key)?.name ?? `value${definitions.size + 1}`;
    const reference = { $ref: `#/$defs/${name}` };
    const properties = { ...choiceFields, choose: { ...choiceFields.choose, items: reference } };
    definitions.set(key, { name, schema: { anyOf: [inner, { ...choice, properties }] } });
    return defined({ ...reference, description, default: preset });
  };

  /** The same schema with choices allowed in all it holds. */
  const withChoices = (schema: JsonSchema): JsonSchema => {
    const { properties, items, additionalProperties, oneOf, anyOf } = schema as {
      readonly properties?: Fields;
      readonly items?: JsonSchema;
      readonly additionalProperties?: JsonSchema | boolean;
      readonly oneOf?: readonly JsonSchema[];
      readonly anyOf?: readonly JsonSchema[];
    };
    return defined({
      ...schema,
      properties:
        properties &&
        mapFields(properties, (field, name) =>
          name === 'type' || (schema === file && FIXED_FIELDS.includes(name))
            ? field
            : name === 'stages'
              ? withChoices(field)
              : orChoice(field),
        ),
      items: items && orChoice(items),
      additionalProperties:
        typeof additionalProperties === 'object' ? orChoice(additionalProperties) : additionalProperties,
      oneOf: oneOf?.map(withChoices),
      anyOf: anyOf?.map(withChoices),
    });
  };

  const root = withChoices(file);
  const $defs = Object.fromEntries([...definitions.values()].map(({ name, schema }) => [name, schema]));
  return { $schema, title: 'A network or a search space of nas', ...root, $defs };
}

function mapFields(fields: Fields, change: (field: JsonSchema, name: string) => JsonSchema): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, change(field, name)]));
}

/** The same without the keywords that are `undefined`. */
function defined(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
