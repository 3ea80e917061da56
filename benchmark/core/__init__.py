"""The rules of measuring as pure functions: values in, values out."""
