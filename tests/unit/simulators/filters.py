"""Filters made by hypothesis: from the grammar, so all of them must parse."""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st

blanks = st.sampled_from([" ", "  ", "\t", "   "])
gap = st.sampled_from(["", "", " ", "  "])
words = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
paths = (
    st.sampled_from(["Id", "Name", "PublicationDate", "ContentDate/Start", "ContentDate/End", "Collection/Name"])
    | words
)

strings = st.text(st.characters(exclude_categories=("Cs",)), max_size=12).map(
    lambda text: "'" + text.replace("'", "''") + "'"
)
instants = st.builds(
    lambda moment, fraction, zone: f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}{zone}",
    st.datetimes(min_value=datetime(1970, 1, 1)),
    st.from_regex(r"(\.[0-9]{1,9})?", fullmatch=True),
    st.sampled_from(["Z", "+00:00", "-02:30", "+14:00"]),
)
guids = st.uuids().map(str) | st.uuids().map(lambda each: str(each).upper())
integers = st.integers(-(2**63), 2**63 - 1).map(str)
doubles = st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda each: f"{each:.6f}") | st.just("1e3")
booleans = st.sampled_from(["true", "false"])
enums = st.builds(
    lambda name, member: f"OData.CSC.{name}'{member}'",
    st.sampled_from(["ProductionType", "JobStatus", "SubscriptionStatus", "SubscriptionEvent"]),
    st.sampled_from(["systematic_production", "on-demand default", "completed", "running", "created"]),
)
literals = strings | instants | guids | integers | doubles | booleans | enums | st.just("null")
operators = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"])


@st.composite
def lists(draw):
    comma = draw(gap) + "," + draw(gap)
    return "(" + draw(gap) + comma.join(draw(st.lists(literals, min_size=1, max_size=4))) + draw(gap) + ")"


@st.composite
def comparisons(draw):
    return draw(paths) + draw(blanks) + draw(operators) + draw(blanks) + draw(literals)


@st.composite
def memberships(draw):
    return draw(paths) + draw(blanks) + "in" + draw(blanks) + draw(lists())


@st.composite
def text_tests(draw):
    function = draw(st.sampled_from(["startswith", "endswith", "contains"]))
    return f"{function}({draw(gap)}{draw(paths)}{draw(gap)},{draw(gap)}{draw(strings)}{draw(gap)})"


@st.composite
def attribute_tests(draw):
    kind = draw(st.sampled_from(["String", "Integer", "Double", "Boolean", "DateTimeOffset"]))
    variable = draw(st.sampled_from(["att", "a", "x1"]))
    name = draw(strings)
    value = draw(operators) + draw(blanks) + draw(literals) if draw(st.booleans()) else "in " + draw(lists())
    return (
        f"Attributes/OData.CSC.{kind}Attribute/any({variable}:{variable}/Name eq {name}"
        f"{draw(blanks)}and{draw(blanks)}{variable}/OData.CSC.{kind}Attribute/Value {value})"
    )


@st.composite
def spatial_tests(draw):
    x, y = draw(st.integers(-170, 170)), draw(st.integers(-80, 80))
    space = draw(st.sampled_from(["", " "]))
    return (
        f"OData.CSC.Intersects(area=geography'SRID=4326;POLYGON{space}"
        f"(({x} {y},{x + 1} {y},{x + 1} {y + 1},{x}.5 {y}.5,{x} {y}))')"
    )


leaves = comparisons() | memberships() | text_tests() | attribute_tests() | spatial_tests()


def joined(inner):
    @st.composite
    def chain(draw):
        word = draw(st.sampled_from(["and", "or", "and", "or", "AND", "OR"]))
        parts = draw(st.lists(inner, min_size=2, max_size=4))
        return "(" + (draw(blanks) + word + draw(blanks)).join(parts) + ")"

    return (
        chain()
        | inner.map(lambda each: f"not ({each})")
        | inner.map(lambda each: f"not({each})")
        | inner.map(lambda each: f"({each})")
    )


filters = st.recursive(leaves, joined, max_leaves=8)
"""Every form that the grammar has."""
