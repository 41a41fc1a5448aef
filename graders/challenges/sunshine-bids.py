"""What a plant of 100 kW earns a day by bidding well, in won.

Each hour with an output of at least a tenth of the capacity is settled: its output pays 4 won a kWh when the bid is off by
at most 6 % of the capacity, 3 won when by at most 8 %, nothing beyond. A day has 16 rows.
"""

CAPACITY = 100.0
LEAST = 0.1
STEPS = ((0.06, 4.0), (0.08, 3.0))
HOURS = 16


def score(truth, guess, weight, group):
    return HOURS * sum(map(won, truth["kwh"], guess["kwh"])) / len(weight)


def won(output, bid):
    if output < LEAST * CAPACITY:
        return 0.0
    # 소수의 끝자리가 경계를 넘기지 않게 / so that the last digit of a float does not decide
    off = round(abs(output - bid) / CAPACITY, 9)
    return output * next((price for most, price in STEPS if off <= most), 0.0)
