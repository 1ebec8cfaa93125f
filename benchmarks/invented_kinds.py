"""Invented kinds of attack for attackbench, beside its public A, B, C, E, G and H.

D  slow drip: ~10 rows a day per point over the month, own phones, carriers, near-max, human
F  coaching: a sheet of 12 answers, real residents deviate in 0-3 items; reaches the sample
I  mimic: jittered resamples of real honest high scorers, human times, spread over days
J  farm on many residential networks, moderately human timing, evening bursts
K  a volunteer's phone turned to stuffing: 8-14 slow answers a device, many such devices
L  staff from home networks, evenings and weekends, own phones
M  slow mild brigading (2s and 3s), no texts, local and foreign carriers
N  enumerators fabricating with up to 4 changes, spread over working days
O  bots with human timing and humped answers from residential networks
P  a clone of one code used in another district (foreign networks), middling to good answers
Q  coherent script answers (a latent level per row) in office hours over proxies
R  half 4s, half 5s straightliners in bursts
S  kiosk: one device on one network, honest-looking crowd mixed with boosted answers
T  ticket trade: pay-per-review crowd, spread over several points, one device rates them all
U  low drip: slow defamation of a rival, 1-3s, own phones, whole month

`private_suite(n_honest, rate, kinds, seed)` mirrors `public_suite`.
"""

from __future__ import annotations

import numpy as np
from attackbench.attacks import (
    REFERENCE_HOOKS,
    AttackSpec,
    clients,
    concat,
    fast_pages,
    high_answers,
    n_campaigns,
    no_comments,
    pick_targets,
    rate_to_rows,
    register,
    split,
)
from attackbench.world import (
    DAY,
    DIM_OF_ITEM,
    HOUR_W,
    ITEMS,
    N_ITEMS,
    add_missing,
    draw_comments,
    draw_times,
    frame,
    human_pages,
    office_times,
    score100,
)


def _label(spec: AttackSpec, c: int) -> str:
    return f"{spec.kind}{spec.n}-{c}"


def _graded(  # noqa: PLR0913 - one parameter is one knob
    rng, world, level, *, spread=0.55, noise=0.62, skew=0.0
):
    """Answers of a latent level per row: coherent within a row and within a dimension."""
    n = level.size
    dims = level[:, None] + spread * rng.normal(0, 1, (n, 3)) + skew
    y = dims[:, DIM_OF_ITEM] + noise * rng.logistic(0, 1, (n, N_ITEMS)) / world.item_a[None, :]
    return (1 + (y[:, :, None] > world.item_tau[None, :, :]).sum(axis=2)).astype(float)


def _spread_times(rng, world, point, n, n_days_used):
    """Human hours over a run of days (or the whole month)."""
    span = int(min(world.cfg.n_days, max(1, n_days_used)))
    d0 = int(rng.integers(0, world.cfg.n_days - span + 1))
    return draw_times(rng, world, np.full(n, point), (d0, d0 + span))


def _home_or_carrier(rng, world, q, n, home):
    return np.where(
        rng.random(n) < home, world.draw_home(rng, q, n), world.draw_carrier(rng, q, n)
    )


def _rows(  # noqa: PLR0913 - the columns of the world's own frame
    world, spec, c, q, t, pages, dev, net, cl, x, comments=None, **more
):
    n = t.size
    clen, ckey = comments if comments is not None else no_comments(n)
    point = q if isinstance(q, np.ndarray) else np.full(n, q)
    return frame(
        world,
        point,
        t,
        pages,
        dev,
        net,
        cl,
        x,
        clen,
        ckey,
        attack=spec.kind,
        campaign=_label(spec, c),
        **more,
    )


def _own_comments(rng, world, x, spec):
    """Comments as people leave them (unique texts mostly)."""
    return draw_comments(rng, world, score100(x), np.zeros(len(x)))


@register("D")
def slow_drip(rng, world, honest, spec):
    """Ten a day per point for a month: own phones, carriers and homes, near-max answers."""
    per_point = spec.get("per_day", 10) * world.cfg.n_days
    k = max(2, round(spec.n / per_point))
    targets = pick_targets(rng, world, spec, k)
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        t = _spread_times(rng, world, q, n, world.cfg.n_days)
        x = add_missing(
            rng, high_answers(rng, n, spec.get("p_four", 0.2), spec.get("p_three", 0.02)), 0.08
        )
        pages = human_pages(rng, n, rng.uniform(spec.get("speed_lo", 0.6), 1.05, n))
        net = _home_or_carrier(rng, world, q, n, spec.get("home", 0.2))
        parts.append(
            _rows(
                world,
                spec,
                c,
                q,
                t,
                pages,
                world.new_devices(n),
                net,
                clients(rng, n),
                x,
                _own_comments(rng, world, x, spec),
            )
        )
    return concat(parts)


def _sheet(rng, mean_deficit):
    """A sheet that is good but not suspicious: mostly fives with a few fours and a three."""
    sheet = np.full(N_ITEMS, 5.0)
    fours = rng.choice(
        N_ITEMS, int(rng.integers(2, 2 + max(2, round(mean_deficit)))), replace=False
    )
    sheet[fours] = 4.0
    if rng.random() < 0.4:
        sheet[rng.choice(fours)] = 3.0
    return sheet


def _deviate(rng, sheet, n, most, weight_zero):
    """Copies of the sheet with zero to ``most`` items answered otherwise."""
    x = np.repeat(sheet[None, :], n, axis=0)
    w = np.r_[weight_zero, np.full(most, (1 - weight_zero) / most)]
    for i, m in enumerate(rng.choice(most + 1, n, p=w)):
        j = rng.choice(N_ITEMS, m, replace=False)
        x[i, j] = np.clip(x[i, j] + rng.choice([-2, -1, -1, 1], m), 1, 5)
    return x


@register("F")
def coaching(rng, world, honest, spec):
    """Households get a sheet with twelve answers; real residents mostly follow it."""
    k = n_campaigns(spec, 130, 2)
    targets = pick_targets(rng, world, spec, k)
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        sheet = _sheet(rng, spec.get("fours", 4))
        x = add_missing(rng, _deviate(rng, sheet, n, 3, spec.get("exact", 0.35)), 0.06)
        t = _spread_times(rng, world, q, n, spec.get("days", 10))
        pages = human_pages(rng, n, rng.uniform(0.55, 1.05, n))
        net = _home_or_carrier(rng, world, q, n, spec.get("home", 0.4))
        parts.append(
            _rows(
                world,
                spec,
                c,
                q,
                t,
                pages,
                world.new_devices(n),
                net,
                clients(rng, n),
                x,
                _own_comments(rng, world, x, spec),
            )
        )
    return concat(parts)


def _coach_reference(rng, reference, rows, spec):
    """A share of the probability sample at the attacked points was coached with the sheet."""
    for q in rows["point"].unique():
        theirs = rows.loc[rows["point"] == q, list(ITEMS)]
        sheet = theirs.mode().iloc[0].to_numpy(float)
        here = np.flatnonzero((reference["point"] == q).to_numpy())
        hit = here[rng.random(here.size) < spec.get("coached_reference", 0.25)]
        if hit.size:
            x = _deviate(rng, sheet, hit.size, 3, 0.35)
            for j, name in enumerate(ITEMS):
                reference.loc[reference.index[hit], name] = x[:, j]


REFERENCE_HOOKS["F"] = _coach_reference


@register("I")
def mimic(rng, world, honest, spec):
    """Real answers of high scorers with a one-step jitter on one to three items."""
    k = n_campaigns(spec, 160, 2)
    targets = pick_targets(rng, world, spec, k)
    everything = honest[list(ITEMS)].to_numpy(float)
    score = score100(everything)
    pool = everything[score >= np.quantile(score, spec.get("above", 0.7))]
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        x = pool[rng.integers(0, len(pool), n)].copy()
        for i in range(n):
            j = rng.choice(
                N_ITEMS, int(rng.integers(1, int(spec.get("jitter", 3)) + 1)), replace=False
            )
            x[i, j] = np.clip(x[i, j] + rng.choice([-1.0, 1.0], j.size), 1, 5)
        t = _spread_times(rng, world, q, n, spec.get("days", 12))
        pages = human_pages(rng, n, rng.uniform(0.7, 1.1, n))
        net = _home_or_carrier(rng, world, q, n, spec.get("home", 0.2))
        parts.append(
            _rows(
                world,
                spec,
                c,
                q,
                t,
                pages,
                world.new_devices(n),
                net,
                clients(rng, n),
                x,
                _own_comments(rng, world, x, spec),
            )
        )
    return concat(parts)


@register("J")
def residential_farm(rng, world, honest, spec):
    """A farm on bought home lines: evening bursts, timing half human, noisy high marks."""
    k = n_campaigns(spec, 140, 2)
    targets = pick_targets(rng, world, spec, k)
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        nights = rng.choice(world.cfg.n_days, int(spec.get("nights", 3)), replace=False)
        t = (
            rng.choice(nights, n) * DAY
            + 18.5 * 60
            + rng.uniform(0, spec.get("evening", 150), n)
        )
        exits = np.concatenate(
            [
                world.new_nets(max(6, round(n / spec.get("per_net", 3)))),
                world.draw_home(rng, q, 8),
                world.draw_carrier(rng, q, 8),
            ]
        )
        x = add_missing(
            rng, high_answers(rng, n, spec.get("p_four", 0.15), spec.get("p_three", 0.02)), 0.05
        )
        human = human_pages(rng, n, 0.7)
        quick = fast_pages(rng, n, 22, 50, 0.09)
        pages = np.where((rng.random(n) < spec.get("human", 0.5))[:, None], human, quick)
        parts.append(
            _rows(
                world,
                spec,
                c,
                q,
                t,
                pages,
                world.new_devices(n),
                rng.choice(exits, n),
                clients(rng, n),
                x,
                _own_comments(rng, world, x, spec),
            )
        )
    return concat(parts)


@register("K")
def turned_volunteers(rng, world, honest, spec):
    """Phones that look like a volunteer's: 8-14 slow answers each, but one hand fills them."""
    per = spec.get("per_device", 11)
    k = max(2, round(spec.n / per))
    targets = pick_targets(
        rng, world, spec, max(1, round(k / spec.get("devices_per_point", 4)))
    )
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        d0 = int(rng.integers(world.cfg.n_days))
        t = d0 * DAY + rng.uniform(8.5, 15) * 60 + np.cumsum(rng.uniform(4, 18, n))
        level = rng.normal(spec.get("level", 1.1), spec.get("spread", 0.35), n)
        x = add_missing(rng, _graded(rng, world, level, spread=0.3, noise=0.5), 0.08)
        pages = human_pages(rng, n, 1.35)
        net = np.full(n, world.draw_carrier(rng, q, 1)[0])
        parts.append(
            _rows(
                world,
                spec,
                c % targets.size,
                q,
                t,
                pages,
                np.full(n, world.new_devices(1)[0]),
                net,
                [str(clients(rng, 1)[0])] * n,
                x,
            )
        )
    return concat(parts)


@register("L")
def staff_at_home(rng, world, honest, spec):
    """Staff told to answer from home, in the evening and at the weekend, on own phones."""
    k = n_campaigns(spec, 110, 2)
    targets = pick_targets(rng, world, spec, k)
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        span = int(spec.get("days", 6))
        d0 = int(rng.integers(0, world.cfg.n_days - span + 1))
        day = rng.integers(d0, d0 + span, n)
        t = (
            day * DAY
            + np.where(day % 7 >= 5, rng.uniform(9, 22, n), rng.uniform(18.5, 22.5, n)) * 60
        )
        x = add_missing(
            rng, high_answers(rng, n, spec.get("p_four", 0.14), spec.get("p_three", 0.01)), 0.04
        )
        pages = human_pages(rng, n, rng.uniform(spec.get("speed_lo", 0.5), 1.0, n))
        near = np.flatnonzero(world.points["district"].to_numpy() == world.district(q))
        where = rng.choice(near, n)
        home = np.array([world.draw_home(rng, int(p), 1)[0] for p in where])
        net = np.where(
            rng.random(n) < spec.get("home", 0.7), home, world.draw_carrier(rng, q, n)
        )
        parts.append(
            _rows(
                world,
                spec,
                c,
                q,
                t,
                pages,
                world.new_devices(n),
                net,
                clients(rng, n),
                x,
                _own_comments(rng, world, x, spec),
            )
        )
    return concat(parts)


@register("M")
def mild_brigading(rng, world, honest, spec):
    """A rival's crowd gives twos and threes over one or two weeks, without a word."""
    k = n_campaigns(spec, 120, 1)
    targets = pick_targets(rng, world, spec, k, "high")
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        t = _spread_times(rng, world, q, n, spec.get("days", 10))
        own = rng.beta(2, 2, (n, 1)) * spec.get("threes", 1.0)
        x = np.where(rng.random((n, N_ITEMS)) < own, 3.0, 2.0)
        x += np.where(rng.random(x.shape) < 0.08, rng.choice([-1.0, 1.0], x.shape), 0.0)
        x = add_missing(rng, np.clip(x, 1, 5), 0.08)
        pages = human_pages(rng, n, rng.uniform(0.5, 1.0, n))
        away = rng.random(n) < spec.get("away", 0.35)
        net = _home_or_carrier(rng, world, q, n, 0.15)
        for i in np.flatnonzero(away):
            net[i] = world.draw_carrier(rng, int(rng.integers(world.cfg.n_points)), 1)[0]
        parts.append(
            _rows(world, spec, c, q, t, pages, world.new_devices(n), net, clients(rng, n), x)
        )
    return concat(parts)


@register("N")
def careful_fabrication(rng, world, honest, spec):
    """Enumerators vary real interviews in up to four or five items, through the working day."""
    tab = honest[honest["channel"] == "tablet"]
    k = min(n_campaigns(spec, 80, 2), tab["enumerator"].nunique() // 2)
    who = rng.choice(tab["enumerator"].unique(), k, replace=False)
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        own = tab[tab["enumerator"] == who[c % k]]
        src = rng.integers(0, len(own), n)
        x = own[list(ITEMS)].to_numpy(float)[src].copy()
        for i in range(n):
            j = rng.choice(
                N_ITEMS,
                int(rng.integers(2, int(spec.get("max_changes", 4)) + 1)),
                replace=False,
            )
            x[i, j] = np.clip(
                np.nan_to_num(x[i, j], nan=4.0) + rng.choice([-1, 1, 1], j.size), 1, 5
            )
        days = rng.choice(world.cfg.n_days, max(2, n // int(spec.get("per_day", 14))))
        t = rng.choice(days, n) * DAY + rng.uniform(9 * 60, 17.2 * 60, n)
        pages = human_pages(rng, n, rng.uniform(spec.get("speed_lo", 0.8), 1.3, n))
        parts.append(
            _rows(
                world,
                spec,
                c,
                own["point"].to_numpy()[src],
                t,
                pages,
                np.full(n, own["device"].iloc[0]),
                np.full(n, own["net"].iloc[0]),
                ["tablet"] * n,
                x,
                channel="tablet",
                enumerator=np.full(n, int(own["enumerator"].iloc[0])),
            )
        )
    return concat(parts)


@register("O")
def humped_bots(rng, world, honest, spec):
    """Scripts with human page times and humped answers over residential exits, days long."""
    k = int(spec.get("n_campaigns", 2))
    targets = pick_targets(rng, world, spec, int(spec.get("n_targets", 6)), "high")
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        point = rng.choice(targets, n)
        span = spec.get("days", 10)
        t0 = rng.uniform(0, world.cfg.n_days - span) * DAY
        hour = rng.choice(24, n, p=HOUR_W / HOUR_W.sum())
        t = t0 + np.floor(rng.uniform(0, span, n)) * DAY + hour * 60 + rng.uniform(0, 60, n)
        high = spec.get("hump_high", 0.5)
        p = np.array([0.03, 0.09, 0.27 - 0.1 * high, 0.36 + 0.02 * high, 0.25 + 0.08 * high])
        x = add_missing(rng, rng.choice(5, (n, N_ITEMS), p=p / p.sum()) + 1.0, 0.10)
        pages = human_pages(rng, n, rng.uniform(0.7, 1.1, n))
        net = np.array(
            [
                world.draw_home(rng, int(q), 1)[0]
                if rng.random() < spec.get("home", 0.5)
                else world.draw_carrier(rng, int(q), 1)[0]
                for q in point
            ]
        )
        parts.append(
            _rows(
                world,
                spec,
                c,
                point,
                t,
                pages,
                world.new_devices(n),
                net,
                clients(rng, n),
                x,
                _own_comments(rng, world, x, spec),
            )
        )
    return concat(parts)


@register("P")
def cloned_code(rng, world, honest, spec):
    """The code of one point is put up in another district: answers about another place."""
    k = n_campaigns(spec, 140, 1)
    targets = pick_targets(rng, world, spec, k)
    parts = []
    district = world.points["district"].to_numpy()
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        others = np.flatnonzero(district != world.district(q))
        elsewhere = int(rng.choice(others))
        t = _spread_times(rng, world, elsewhere, n, spec.get("days", 8))
        level = rng.normal(spec.get("level", 0.45), spec.get("spread", 0.75), n)
        x = add_missing(rng, _graded(rng, world, level), 0.1)
        pages = human_pages(rng, n, rng.uniform(0.7, 1.1, n))
        net = _home_or_carrier(rng, world, elsewhere, n, spec.get("home", 0.3))
        parts.append(
            _rows(
                world,
                spec,
                c,
                q,
                t,
                pages,
                world.new_devices(n),
                net,
                clients(rng, n),
                x,
                _own_comments(rng, world, x, spec),
            )
        )
    return concat(parts)


@register("Q")
def coherent_script(rng, world, honest, spec):
    """A language model answers like a person, but from proxies in office hours."""
    k = n_campaigns(spec, 180, 1)
    targets = pick_targets(rng, world, spec, k)
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        span = int(spec.get("days", 5))
        d0 = int(rng.integers(0, world.cfg.n_days - span + 1))
        t = office_times(rng, n, np.arange(d0, d0 + span))
        level = rng.normal(spec.get("level", 1.0), spec.get("spread", 0.4), n)
        x = _graded(rng, world, level, spread=0.35, noise=0.45)
        pages = human_pages(rng, n, rng.uniform(0.8, 1.0, n))
        proxies = world.new_nets(int(spec.get("proxies", 25)))
        clen, ckey = no_comments(n)
        for i in np.flatnonzero(rng.random(n) < spec.get("p_comment", 0.15)):
            ckey[i], clen[i] = f"llm{spec.n}-{c}-{i}", int(rng.integers(12, 60))
        parts.append(
            _rows(
                world,
                spec,
                c,
                q,
                t,
                pages,
                world.new_devices(n),
                rng.choice(proxies, n),
                clients(rng, n),
                x,
                (clen, ckey),
            )
        )
    return concat(parts)


@register("R")
def alternating_straightliners(rng, world, honest, spec):
    """Half all-4, half all-5 rows in bursts, split over a few networks and own phones."""
    k = n_campaigns(spec, 130, 2)
    targets = pick_targets(rng, world, spec, k)
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        bursts = (
            rng.choice(world.cfg.n_days, max(1, round(n / spec.get("per_burst", 45)))) * DAY
        )
        t = (
            rng.choice(bursts, n)
            + rng.uniform(8, 20) * 60
            + rng.uniform(0, spec.get("burst", 120), n)
        )
        level = np.where(rng.random(n) < spec.get("p_four", 0.5), 4.0, 5.0)
        x = np.repeat(level[:, None], N_ITEMS, axis=1)
        odd = rng.random(n) < spec.get("odd", 0.35)
        for i in np.flatnonzero(odd):
            x[i, rng.integers(N_ITEMS)] = rng.choice([3.0, 4.0, 5.0])
        pages = np.where(
            (rng.random(n) < 0.5)[:, None],
            human_pages(rng, n, 0.6),
            fast_pages(rng, n, 15, 40, 0.08),
        )
        nets = np.concatenate([world.draw_carrier(rng, q, 12), world.draw_home(rng, q, 12)])
        parts.append(
            _rows(
                world,
                spec,
                c,
                q,
                t,
                pages,
                world.new_devices(n),
                rng.choice(nets, n),
                clients(rng, n),
                x,
            )
        )
    return concat(parts)


@register("S")
def kiosk(rng, world, honest, spec):
    """A tablet at the counter without enumerator id: one device, one network, mixed answers."""
    k = max(1, round(spec.n / spec.get("per_kiosk", 90)))
    targets = pick_targets(rng, world, spec, k)
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        span = int(spec.get("days", 6))
        d0 = int(rng.integers(0, world.cfg.n_days - span + 1))
        t = office_times(rng, n, np.arange(d0, d0 + span))
        boosted = rng.random(n) < spec.get("boosted", 0.6)
        level = np.where(boosted, rng.normal(1.3, 0.25, n), rng.normal(0.2, 0.9, n))
        x = add_missing(rng, _graded(rng, world, level), 0.1)
        pages = human_pages(rng, n, rng.uniform(0.6, 1.2, n))
        dev = np.full(n, world.new_devices(1)[0])
        net = np.full(n, world.wifi_net[q] if rng.random() < 0.6 else world.new_nets(1)[0])
        parts.append(
            _rows(world, spec, c, q, t, pages, dev, net, [str(clients(rng, 1)[0])] * n, x)
        )
    return concat(parts)


@register("T")
def ticket_trade(rng, world, honest, spec):
    """A pay-per-review crowd: each phone rates three to six points, high, some evenings."""
    k = max(1, round(spec.n / spec.get("crowd", 220)))
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        targets = pick_targets(rng, world, spec, int(rng.integers(3, 7)))
        people = max(2, n // targets.size)
        dev = world.new_devices(people)
        who = rng.integers(0, people, n)
        point = targets[rng.integers(0, targets.size, n)]
        span = int(spec.get("days", 14))
        d0 = int(rng.integers(0, world.cfg.n_days - span + 1))
        day = d0 + (who * 7919) % span
        t = day * DAY + rng.uniform(11.5, 23, n) * 60
        bent = rng.normal(spec.get("level", 1.0), 0.4, people)[who]
        x = add_missing(rng, _graded(rng, world, bent, spread=0.4), 0.06)
        pages = human_pages(rng, n, rng.uniform(0.5, 0.9, n))
        net = np.array([world.draw_carrier(rng, int(q), 1)[0] for q in point])
        base = np.array(
            [
                world.draw_home(rng, int(rng.integers(world.cfg.n_points)), 1)[0]
                for _ in range(people)
            ]
        )
        net = np.where(rng.random(n) < 0.5, base[who], net)
        parts.append(_rows(world, spec, c, point, t, pages, dev[who], net, clients(rng, n), x))
    return concat(parts)


@register("U")
def slow_defamation(rng, world, honest, spec):
    """A rival drips ones to threes onto one strong point through the whole month."""
    per_point = spec.get("per_day", 8) * world.cfg.n_days
    k = max(1, round(spec.n / per_point))
    targets = pick_targets(rng, world, spec, k, "high")
    parts = []
    for c, n in enumerate(split(rng, spec.n, k)):
        q = int(targets[c % targets.size])
        t = _spread_times(rng, world, q, n, world.cfg.n_days)
        level = rng.normal(spec.get("level", -1.6), 0.5, n)
        x = add_missing(rng, _graded(rng, world, level, spread=0.4), 0.12)
        pages = human_pages(rng, n, rng.uniform(0.7, 1.1, n))
        net = _home_or_carrier(rng, world, q, n, 0.25)
        for i in np.flatnonzero(rng.random(n) < spec.get("away", 0.2)):
            net[i] = world.draw_carrier(rng, int(rng.integers(world.cfg.n_points)), 1)[0]
        parts.append(
            _rows(
                world,
                spec,
                c,
                q,
                t,
                pages,
                world.new_devices(n),
                net,
                clients(rng, n),
                x,
                _own_comments(rng, world, x, spec),
            )
        )
    return concat(parts)


PRIVATE_RANGES = {
    "D": {
        "per_day": (7, 12),
        "p_four": (0.1, 0.3),
        "p_three": (0.0, 0.05),
        "speed_lo": (0.55, 0.8),
        "home": (0.05, 0.4),
    },
    "F": {
        "fours": (2, 6),
        "exact": (0.2, 0.5),
        "days": (4, 18),
        "home": (0.3, 0.6),
        "coached_reference": (0.2, 0.3),
    },
    "I": {"above": (0.55, 0.8), "jitter": (1, 3.99), "days": (6, 20), "home": (0.1, 0.4)},
    "J": {
        "nights": (2, 5),
        "evening": (90, 210),
        "per_net": (2, 6),
        "p_four": (0.05, 0.25),
        "p_three": (0, 0.04),
        "human": (0.3, 0.8),
    },
    "K": {
        "per_device": (9, 13),
        "devices_per_point": (3, 8),
        "level": (0.9, 1.4),
        "spread": (0.2, 0.5),
    },
    "L": {
        "days": (4, 10),
        "p_four": (0.08, 0.22),
        "p_three": (0, 0.03),
        "speed_lo": (0.45, 0.7),
        "home": (0.5, 0.85),
    },
    "M": {"threes": (0.5, 1.4), "days": (6, 16), "away": (0.2, 0.6)},
    "N": {"max_changes": (3, 5.99), "per_day": (8, 20), "speed_lo": (0.7, 1.0)},
    "O": {"hump_high": (0.2, 1.0), "days": (5, 14), "home": (0.3, 0.7), "n_targets": (4, 10)},
    "P": {"level": (0.2, 0.9), "spread": (0.5, 1.0), "days": (4, 14), "home": (0.2, 0.5)},
    "Q": {
        "level": (0.8, 1.4),
        "spread": (0.3, 0.6),
        "days": (3, 8),
        "proxies": (10, 60),
        "p_comment": (0.05, 0.3),
    },
    "R": {
        "per_burst": (25, 80),
        "burst": (60, 240),
        "p_four": (0.35, 0.65),
        "odd": (0.15, 0.6),
    },
    "S": {"per_kiosk": (50, 150), "days": (3, 12), "boosted": (0.4, 0.9)},
    "T": {"crowd": (120, 320), "days": (8, 20), "level": (0.7, 1.3)},
    "U": {"per_day": (5, 10), "level": (-2.0, -1.1), "away": (0.1, 0.5)},
}
PRIVATE_SHARE = dict.fromkeys(PRIVATE_RANGES, 1.0) | {
    "M": 0.7,
    "N": 0.5,
    "S": 0.6,
    "U": 0.7,
    "P": 0.7,
}


def private_suite(n_honest, rate, kinds="DFIJKLMNOPQRS", seed=0):
    """The private mixture at a total rate of ``rate``; two parameter draws per kind."""
    rng = np.random.default_rng([seed, 611_953])
    total = rate_to_rows(n_honest, rate)
    tot = sum(PRIVATE_SHARE[k] for k in kinds)
    out = []
    for k in kinds:
        n = total * PRIVATE_SHARE[k] / tot
        cut = rng.uniform(0.35, 0.65)
        for part in (cut, 1.0 - cut):
            params = {
                name: float(rng.uniform(lo, hi)) for name, (lo, hi) in PRIVATE_RANGES[k].items()
            }
            out.append(AttackSpec(k, max(8, round(n * part)), (), params))
    return out
