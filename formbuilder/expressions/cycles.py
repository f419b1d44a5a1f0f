"""Finds items whose conditions or formulas wait for each other."""

from collections.abc import Iterator, Mapping


def find_cycle(dependencies: Mapping[str, set[str]]) -> list[str] | None:
    """A chain of keys, each needing the next, that ends where it began; None when there is none.

    The same dependencies give the same chain. Keys that only appear as a need have no needs of their own.
    """
    done: set[str] = set()
    for start in dependencies:
        path: dict[str, None] = {}  # in order, and quick to look up
        waiting: list[Iterator[str]] = [iter((start,))]
        while waiting:
            key = next(waiting[-1], None)
            if key is None:
                waiting.pop()
                if path:
                    done.add(path.popitem()[0])
            elif key in path:
                chain = [*path, key]
                return chain[chain.index(key) :]
            elif key not in done:
                path[key] = None
                waiting.append(iter(sorted(dependencies.get(key, ()))))
    return None
