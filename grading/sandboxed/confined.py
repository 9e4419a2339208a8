"""The last limits, which a program in the sandbox sets for itself before a stranger's code runs."""

import json
import os
import resource


def confine(wishes: str) -> None:
    """Set limits, and give up what root may do.

    Args:
        wishes: JSON, {"limits": {name of a limit: value}, "user": number or null}. With a user,
            the process becomes that user: the number of root's processes cannot be limited.
    """
    wanted = json.loads(wishes)
    for name, value in wanted["limits"].items():
        resource.setrlimit(getattr(resource, name), (value, value))
    user = wanted["user"]
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)  # and with it go all capabilities
    os.nice(5)  # the grader, which watches, comes first
