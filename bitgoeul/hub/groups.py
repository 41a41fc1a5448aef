"""The Hub's groups follow the roster by themselves: enrolments begin and end while the Hub runs."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from jupyterhub import orm, roles

from bitgoeul.people.directory import Directory
from bitgoeul.people.roster import hub_groups
from bitgoeul.people.rules import ours

_log = logging.getLogger(__name__)
EVERY_SECONDS = 10.0
EVERY_TIMES = 6
"""A roster that stays the same is compared with the Hub's groups once a minute only: an operator may have changed them."""

_tasks: set[asyncio.Task[None]] = set()


def keep(app: Any, directory: Directory) -> None:
    """Correct all groups when the Hub is up, and from then on whenever the roster of now differs."""
    task = asyncio.get_running_loop().create_task(_keep(app, directory))
    _tasks.add(task)  # the loop itself holds tasks weakly only
    task.add_done_callback(_tasks.discard)


async def _keep(app: Any, directory: Directory) -> None:
    before: dict[str, Any] = {}
    await asyncio.sleep(1)  # the Hub's own beginning goes first
    for turn in itertools.count():
        try:
            wanted = hub_groups((await asyncio.to_thread(directory.read)).settings)
            if wanted != before or turn % EVERY_TIMES == 0:
                set_all(app.db, wanted)
            before = dict(wanted)
        except Exception:  # noqa: BLE001 (the edge of this task: one fault may not end it for good)
            _log.warning("the groups could not be corrected; the next try is soon", exc_info=True)
            app.db.rollback()
            before = {}
        await asyncio.sleep(EVERY_SECONDS)


def of_one(db: Any, directory: Directory, user: str) -> None:
    """Correct the groups of one person, whom the gate has just let in, before he has a session."""
    mine = directory.recent().groups(user)
    found = {group.name: group for group in db.query(orm.Group)}
    person = _person(db, user)
    for name in mine | {name for name in found if ours(name)}:
        _put(_group(db, found, name), person, name in mine)
    db.commit()


def set_all(db: Any, wanted: Mapping[str, Iterable[str]]) -> None:
    """Give every group of the roster exactly the roster's members; groups that the Hub's operators made stay theirs."""
    found = {group.name: group for group in db.query(orm.Group)}
    for name in {*wanted, *(name for name in found if ours(name))}:
        group = _group(db, found, name)
        members = {str(user) for user in wanted.get(name, ())}
        for user in list(group.users):
            if user.name not in members:
                _log.info("%s leaves %s", user.name, name)
                group.users.remove(user)
        for user_name in sorted(members - {user.name for user in group.users}):
            _log.info("%s joins %s", user_name, name)
            group.users.append(_person(db, user_name))
    db.commit()


def _group(db: Any, found: dict[str, Any], name: str) -> Any:
    if name not in found:
        found[name] = orm.Group(name=name)
        db.add(found[name])
    return found[name]


def _person(db: Any, name: str) -> Any:
    person = orm.User.find(db, name)
    if person is None:
        person = orm.User(name=name)
        db.add(person)
        db.commit()
        roles.assign_default_roles(db, entity=person)
    return person


def _put(group: Any, person: Any, belongs: bool) -> None:
    if belongs and person not in group.users:
        group.users.append(person)
    elif not belongs and person in group.users:
        group.users.remove(person)
