"""Finds items whose conditions or formulas wait for each other."""

from collections.abc import Iterator, Mapping


def find_cycle(dependencies: Mapping[str, set[str]]) -> list[str] | None:
    """A chain of keys, each needing the next, that ends where it began; None when there is none.

    The same dependencies give the same chain. Keys that only appear as a need have no needs of their own.
    """
    done: set[str] = set()
    for start in dependencies:
        path: list[str] = []
        waiting: list[Iterator[str]] = [iter((start,))]
        while waiting:
            key = next(waiting[-1], None)
            if key is None:
                waiting.pop()
                if path:
                    done.add(path.pop())
            elif key in path:
                return [*path[path.index(key) :], key]
            elif key not in done:
                path.append(key)
                waiting.append(iter(sorted(dependencies.get(key, ()))))
    return None
