declare module "map:us-states" {
  const shapes: {
    readonly type: "FeatureCollection";
    readonly features: readonly { readonly type: "Feature"; readonly properties: { readonly name: string; readonly fullName: string }; readonly geometry: unknown }[];
  };
  export default shapes;
}
