// The package has no types of its own; what of it is used is declared where it is loaded.
declare module "presto-client";
