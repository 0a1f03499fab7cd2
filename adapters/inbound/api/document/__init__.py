"""The parts of the OpenAPI document: schemas, examples, parameters, answers with their errors, and samples."""
