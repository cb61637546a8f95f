"""What the log of requests holds."""

from __future__ import annotations

import logging

import pytest

from aiqa.server.access_log import write_log


def test_the_log_holds_questions_only_if_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("aiqa")
    try:
        for wanted in (False, True):
            write_log(questions=wanted)
            logging.getLogger("aiqa.questions").info("asked %r", "Where?")
            assert ("asked 'Where?'" in capsys.readouterr().err) is wanted
            logger.handlers.clear()
    finally:
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
        logging.getLogger("aiqa.questions").setLevel(logging.NOTSET)
