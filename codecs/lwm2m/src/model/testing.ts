/** What the examples of the tests may say otherwise. */
interface ExampleItem {
  readonly id?: number;
  readonly operations?: string;
  readonly multiple?: string;
  readonly type?: string;
  readonly range?: string;
  readonly units?: string;
}

/** One resource of {@link exampleXml}: ten lines, the first of which has no indentation. */
export function itemXml({ id = 0, operations = 'RW', multiple = 'Single', ...rest }: ExampleItem): string {
  const { type = 'Integer', range = '0..100', units = '/100' } = rest;
  return `<Item ID="${id}">
        <Name>Opening</Name>
        <Operations>${operations}</Operations>
        <MultipleInstances>${multiple}</MultipleInstances>
        <Mandatory>Mandatory</Mandatory>
        <Type>${type}</Type>
        <RangeEnumeration>${range}</RangeEnumeration>
        <Units>${units}</Units>
        <Description>How far it is open.</Description>
      </Item>`;
}

/** An object definition file; its first resource begins in line 12. */
export function exampleXml({
  name = 'Valve',
  items = [itemXml({})],
}: {
  name?: string;
  items?: string[];
}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<LWM2M xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="LWM2M.xsd">
  <Object ObjectType="MODefinition">
    <Name>${name}</Name>
    <ObjectID>26000</ObjectID>
    <LWM2MVersion>1.0</LWM2MVersion>
    <ObjectVersion>1.1</ObjectVersion>
    <MultipleInstances>Multiple</MultipleInstances>
    <Mandatory>Optional</Mandatory>
    <ObjectURN>urn:oma:lwm2m:x:26000:1.1</ObjectURN>
    <Resources>
      ${items.join('\n      ')}
    </Resources>
  </Object>
</LWM2M>
`;
}
