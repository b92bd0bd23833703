"""The claims' own arithmetic against known answers, and the smallest run of the machinery."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from arena.claims import CLAIMS, Claim, Evidence, constants, filling
from arena.claims.growth import growth
from arena.engine import mlp
from arena.engine.threads import blas_threads
from results import Chart, Criterion, Line, Lines, draw_chart, exactly


def evidence(value):
    chart = Chart("a title", [Lines(title="t", xlabel="x", ylabel="y", lines=[Line("l", [1, 2], [1, 2])])])
    return Evidence(
        criteria=[Criterion("q", exactly(value), above=0.5)], tables=[("t", ("a", "b"), [["1", "2"]])], chart=chart
    )


@pytest.mark.parametrize(("value", "said"), [(0.9, "holds"), (0.1, "does not hold here")])
def test_a_finding_says_its_verdict_and_what_a_failing_one_would_take(value, said, tmp_path):
    claim = Claim(number=1, name="n", statement="s", otherwise="more of it", measure=lambda bench: evidence(value))
    finding = claim.run(seeds=2)
    assert finding.verdict == said
    assert str(finding).startswith(f"verdict: {said}\n")
    assert ("more of it" in str(finding)) == (said != "holds")
    draw_chart(finding.evidence.chart, tmp_path / "n.png")
    assert (tmp_path / "n.png").read_bytes().startswith(b"\x89PNG")


def test_a_claim_is_measured_on_one_blas_thread_so_that_its_bits_are_the_same_everywhere():
    with threadpool_limits(2):
        threads = []
        Claim(number=1, name="n", statement="s", otherwise="o", measure=lambda _: threads.append(blas_threads())).run(2)
    assert threads == [1]


def test_claims_have_numbers_and_names_of_their_own():
    assert len({claim.number for claim in CLAIMS}) == len({claim.name for claim in CLAIMS}) == len(CLAIMS)
    assert [claim.number for claim in CLAIMS] == sorted(claim.number for claim in CLAIMS)


def test_three_ways_to_a_largest_singular_value_agree():
    W = np.random.default_rng(0).normal(size=(30, 20)).astype(np.float32)
    exact = np.linalg.svd(W.astype(float))[1][0]
    assert constants.root_of_gram(W) == pytest.approx(exact)
    assert constants.stretch(W) == pytest.approx(exact)
    assert constants.slope(np.sin, np.linspace(-4, 4, 4001)) == pytest.approx(1, abs=1e-6)


def test_the_points_of_the_holes_lie_far_apart():
    from scipy.spatial.distance import pdist

    rng = np.random.default_rng(0)
    assert pdist(filling.spread(2, rng)).min() > 3 * pdist(rng.random((filling.POINTS, 2))).min()


def test_a_constant_network_has_no_holes_and_a_memorising_one_in_many_dimensions_has(monkeypatch):
    hole, _ = filling.with_hole(64, 1, 0)
    assert hole.mean() > 0.5
    constant = mlp((64, 2), rng=np.random.default_rng(0))
    constant = constant.with_params(tuple(tuple(0 * p for p in layer) for layer in constant.params))
    monkeypatch.setattr(filling, "trained", lambda *given: constant)
    hole, hidden = filling.with_hole(64, 1, 0)
    assert not hole.any()
    assert not hidden.any()


def test_draws_of_one_point_differ_and_fill_its_ball():
    from arena.batch import Batch
    from arena.threat import Ball

    points, ball = Batch(np.zeros((3, 2), np.float32), np.arange(3)), Ball(1.0, "l2", box=(-9.0, 9.0))
    found = filling.drawn(points, ball, 2000, np.random.default_rng(0))
    radii = np.linalg.norm(found.x.reshape(2000, 3, 2)[:, 0], axis=1)
    assert np.median(radii) == pytest.approx(0.5**0.5, abs=0.03)
    assert len(np.unique(radii)) > 1900
    assert found.y[:4].tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize(("scale", "exponential"), [(float, True), (lambda d: 2 * np.log2(d), False)])
def test_growth_in_the_dimension_is_told_apart_from_growth_as_its_power(scale, exponential):
    rng, found = np.random.default_rng(0), {}
    for d in (2, 4, 6, 8, 10, 16):
        for k in (1, 8, 64, 512, 4096):
            share = 1 / (1 + np.exp(-(1.5 * scale(d) - np.log2(k) - 4)))
            found[d, k] = rng.random((3, 400)) < share
    rate, better = growth(found)
    assert rate.interval.low > 0
    if exponential:
        assert rate.interval.low < 1.5 < rate.interval.high and better.interval.low > 0
    else:
        assert better.interval.high < 0


def test_samples_that_change_nothing_show_no_growth():
    hits = np.random.default_rng(1).random((3, 400)) < 0.5
    found = {(d, k): np.roll(hits, 7 * d + k, axis=1) for d in (2, 4, 8) for k in (1, 8, 64)}
    assert not growth(found)[1].met
