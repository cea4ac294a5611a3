"""Page tokens: what goes in comes out, and nothing else does."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rs_server.errors import InvalidRequest
from rs_server.stac.pagination import MAX_TOKEN, decode_token, encode_token

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4))
def test_a_token_holds_its_state(state):
    token = encode_token(state)
    assert decode_token(token) == state
    assert all(letter.isalnum() or letter in "-_" for letter in token)


@given(st.text(max_size=100))
def test_text_is_a_state_or_refused(text):
    try:
        assert isinstance(decode_token(text), dict)
    except InvalidRequest as error:
        assert "first page" in error.message  # noqa: PT017


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "====", "e30=extra", "bnVsbA", "W10", "MQ", "é", "\x00", "a" * (MAX_TOKEN + 1)),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe{}").decode(),
        base64.urlsafe_b64encode(b'{"n": ' + b"9" * 5000 + b"}").decode(),
    ],
)
def test_a_token_that_is_none_is_refused(token):
    with pytest.raises(InvalidRequest, match="first page"):
        decode_token(token)
