"""Every block of README and docs is run by tests, or shows no command, or says why it is not run."""

from __future__ import annotations

from tests.e2e.docs.blocks import ROOT, RUNNABLE, SHOWN, blocks, pages

REASONS = {
    "needs an AWS account",
    "needs an account of LocalStack",
    "needs the AWS command line, which is no part of this project",
    "these are what the tests themselves run on",
    "these run tests",
    "it serves until it is ended",
}


def test_there_is_something_to_look_at():
    found = [block for page in pages() for block in blocks(page)]
    assert len([block for block in found if block.runs]) > 30


def test_each_block_says_what_it_is():
    unknown = [
        f"{block.page.relative_to(ROOT)}:{block.line} ({block.language or 'no language'})"
        for page in pages()
        for block in blocks(page)
        if block.language not in RUNNABLE | SHOWN
    ]
    assert unknown == []


def test_nothing_is_left_out_for_another_reason():
    assert {block.reason for page in pages() for block in blocks(page)} - {""} <= REASONS


def test_a_console_block_has_commands():
    assert [
        block for page in pages() for block in blocks(page) if block.language == "console" and not block.commands()
    ] == []
