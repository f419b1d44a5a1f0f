"""What is measured inside one process, without a server or a database: prints JSON."""

import json
import sys

import django


def main(times: int) -> None:
    """times: repetitions of each; more are steadier."""
    django.setup()
    from bench.rendering import django_form, milliseconds, skin_and_filling, step_of_60  # models need the set-up above
    from bench.rules import big_form, evaluate, number_of_rules

    form, answers = big_form()
    spent, state = evaluate(form, answers, times)
    if len(state.visible) != len(form.fields) or state.broken:
        raise SystemExit(f"the form of 300 items is not as meant: {dict(state.broken)}")
    skin, filling = skin_and_filling(step_of_60())
    unbound = django_form()
    result = {
        "items": len(form.fields),
        "rules": number_of_rules(form),
        "evaluate_ms": spent,
        "skin_ms": milliseconds(lambda: skin.fill(filling), times),
        "as_div_ms": milliseconds(unbound.as_div, times),
    }
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]))
