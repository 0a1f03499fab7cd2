"""Plugins that run in Jobferry's own process: the built-in ones, and those that the operator trusts. A rule in this
process cannot be interrupted."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

from core.model.shared.errors import FieldError
from core.model.shared.text import composed
from plugins.answer_limits import WrongAnswer
from plugins.answer_reading import read
from plugins.examine import config_errors, examined
from plugins.failure_words import home_of, raised
from plugins.ipc import checked, copied, written
from plugins.plugin import EVENT_SECONDS, Broke, Budget, Plugin, TookTooLong, answer_of
from plugins.printing import Kept, kept


class InProcess(Plugin):
    """One plugin in this process. `ours`: a built-in rule; it never changes its arguments, so it gets no copies."""

    def __init__(self, plugin: object, source: str, *, ours: bool = False) -> None:
        """Raises Unusable unless all hooks match their specification."""
        self.source = source
        self._ours = ours
        self._home = home_of(plugin)
        self._examined = examined(plugin)
        self.described = self._examined.described

    async def ask(self, hook: str, budget: Budget | None = None, /, **arguments: Any) -> Any:
        budget = budget or Budget()
        try:
            with budget.spent():
                answer = self._answer(hook, arguments, budget)
                if inspect.isawaitable(answer):
                    async with asyncio.timeout(EVENT_SECONDS):
                        answer = await answer
            return checked(hook, answer) if self._ours else read(hook, written(hook, answer))
        except TimeoutError as error:
            raise TookTooLong from error
        except asyncio.CancelledError as error:
            if (task := asyncio.current_task()) and task.cancelling():
                raise  # the caller is stopped
            raise Broke("raised CancelledError") from error
        except (Broke, WrongAnswer):
            raise
        except Exception as error:
            raise Broke(f"raised {raised(error, self._home)}") from error

    def _answer(self, hook: str, arguments: dict[str, Any], budget: Budget) -> Any:
        if self._ours and self._examined.model is None:
            answers = getattr(self._examined.manager.hook, hook)(**arguments)
            return answers[0] if answers else None
        if self._ours:
            return answer_of(self._examined, hook, **arguments)
        try:
            with redirect_stdout(printed := Kept()):
                return answer_of(self._examined, hook, **copied(arguments))
        finally:
            budget.printed = kept(budget.printed, composed(printed.text))

    async def check_config(self, config: Mapping[str, Any], *, partly: bool = False) -> Sequence[FieldError]:
        return config_errors(self._examined.model, config, partly=partly)

    async def close(self) -> None:
        """Nothing to close."""
