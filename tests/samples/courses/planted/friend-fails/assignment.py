# %% [ko]
# # 평균
#
# 수의 목록을 받아 산술 평균을 돌려주는 함수를 씁니다.
#
# ```python
# mean([2, 4])  # 3
# ```

# %% [en]
# # Mean
#
# Write a function that takes a list of numbers and gives their arithmetic mean.
#
# ```python
# mean([2, 4])  # 3
# ```

# %% given="data"
numbers = [1, 2, 6]

# %% solution="mean"
def mean(values):
    """Give the arithmetic mean."""
    ### BEGIN SOLUTION
    total = sum(values)
    return total / len(values)
    ### END SOLUTION

# %% test="mean-check" points=2
assert mean(numbers) == 3, "평균이 맞지 않습니다 / the mean is off"
### BEGIN HIDDEN TESTS
assert isinstance(mean([2]), float) and mean([5]) == 5, "평균이 실수가 아닙니다 / the mean is no float"
assert mean([0, 1]) == 0.5, "소수 평균이 맞지 않습니다 / a mean between whole numbers is off"
### END HIDDEN TESTS

# %% [ko] manual="why" points=1
# 합을 개수로 나누면 모든 값을 같은 크기로 바꾼 것과 같습니다.
# ### BEGIN MARK SCHEME
# 나눗셈의 뜻을 말하면 1점을 줍니다.
# ### END MARK SCHEME

# %% [en] manual="why" points=1
# Dividing the sum by the count makes all values equal without changing their total.
# ### BEGIN MARK SCHEME
# One point if the meaning of the division is told.
# ### END MARK SCHEME
