"""Drawing tells its progress as (fraction, text), with one layer and with two, though the router counts otherwise."""

from dataclasses import replace

from chipscale.layout.draw import draw


def test_progress_is_a_fraction_and_a_text(caravel_package):
    for layers in (1, 2):
        told = []
        draw(
            replace(caravel_package, rdl_layers=layers),
            progress=lambda part, text, told=told: told.append((part, text)),
        )
        assert told
        assert all(0.0 <= part <= 1.0 and isinstance(text, str) for part, text in told)
