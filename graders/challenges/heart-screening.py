"""Recall at a specificity of at least 0.9, less a tenth of the expected calibration error.

A beat is flagged when its probability is at least the threshold; of all thresholds that flag at most a tenth of the
normal beats, the one that finds most abnormal beats counts. Equal probabilities are flagged together or not at all.
The calibration error has ten bins of equal width.
"""

MOST_FALSE = 0.1
BINS = 10
SHARE = 0.1


def score(truth, guess, weight, group):
    pairs = list(zip(truth["abnormal"], guess["abnormal"], strict=True))
    return recall(pairs) - SHARE * calibration_error(pairs)


def recall(pairs):
    wanted = sum(true for true, _ in pairs)
    allowed = MOST_FALSE * (len(pairs) - wanted)
    found = false = 0
    best = 0
    ordered = sorted(pairs, key=lambda pair: -pair[1])
    for place, (true, chance) in enumerate(ordered):
        found, false = found + true, false + 1 - true
        last_of_its_value = place + 1 == len(ordered) or ordered[place + 1][1] != chance
        if last_of_its_value and false <= allowed:
            best = max(best, found)
    return best / wanted


def calibration_error(pairs):
    bins = [[] for _ in range(BINS)]
    for true, chance in pairs:
        bins[min(int(chance * BINS), BINS - 1)].append(chance - true)
    return sum(abs(sum(one)) for one in bins) / len(pairs)
