"""What tests ask of a production service's products."""

from __future__ import annotations


async def products(visitor):
    """All of a station that nobody changes, asked for once."""
    if "products" not in visitor.kept:
        visitor.kept["products"] = (await visitor.get("Products", expand="Attributes"))["value"]
    return visitor.kept["products"]


def value_of(kind, name, value):
    return (
        f"Attributes/OData.CSC.{kind}Attribute/any(a:a/Name eq '{name}' and a/OData.CSC.{kind}Attribute/Value {value})"
    )
