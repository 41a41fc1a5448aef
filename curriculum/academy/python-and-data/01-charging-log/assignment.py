# %% [ko]
# # 충전 기록 정제: 시간대, 단위, 결측
#
# 광주시가 급속 충전기 열 대를 더 놓으려고 합니다. 어느 구에, 그리고 하루 중 언제를 보고 놓아야 할까요? 시청에는 충전기 회사 세 곳이 보내온
# 6월의 기록이 있습니다. 담당자가 표 계산 프로그램으로 셈해 보니 이렇게 나왔습니다.
#
# > 6월 충전량은 **1,560만 kWh**, 가장 붐비는 때는 **오전 9시**입니다.
#
# 광주의 가정이 모두 한 달 쓰는 전기가 1억 몇천만 kWh이니, 충전기 60대가 그 십분의 일을 썼다는 말입니다. 그럴 리 없습니다. 오류 메시지는 하나도 없었습니다.
# **더러운 자료는 멈추지 않고, 그럴듯한 답을 냅니다.** 오늘은 그 답이 어디서 틀렸는지 찾고, 다시는 그렇게 되지 않는 함수를 씁니다.
#
# 정제한 표를 믿을 수 있으려면 네 가지를 지켜야 합니다. 오늘의 함수와 검사는 모두 이 넷에서 나옵니다.
#
# | 약속 | 어기면 |
# |---|---|
# | **보존** — 들어온 것과 나간 것의 차이를 한 건까지 설명한다 | 불편한 줄이 말없이 사라지고, 결론이 남은 줄에 맞춰진다 |
# | **단위** — 모든 수와 시각에 단위가 하나뿐이다 | 1,000배, 9시간이 틀려도 아무도 모른다 |
# | **모름은 모름** — 빈칸은 0이 아니다 | 고장 난 충전기가 "전기를 안 쓴 충전기"가 된다 |
# | **되풀이** — `clean(clean(x))`는 `clean(x)`와 같다 | 누군가 두 번 돌린 날 표가 조용히 망가진다 |

# %% [en]
# # Cleaning a charging log: time zones, units, gaps
#
# The city of Gwangju wants to set up ten more fast chargers. In which district, and sized for which hour of the day? City hall has
# the records of June from three operators. An official added them up in a spreadsheet:
#
# > In June, **15.6 million kWh** were charged; the busiest time is **9 in the morning**.
#
# All the homes of Gwangju together use something over a hundred million kWh a month, so 60 chargers would take a tenth of that. They cannot.
# No error message was ever shown. **Dirty data do not stop; they give a plausible answer.** Today you find where that answer went
# wrong, and write functions that cannot go wrong that way again.
#
# A clean table can be trusted if it keeps four promises. All of today's functions and tests follow from them.
#
# | Promise | If it is broken |
# |---|---|
# | **Conservation**: what came in and what went out differ by what you can account for, to the last session | inconvenient rows vanish in silence, and the conclusion fits the rows that stayed |
# | **Units**: every number and every time has one unit | off by 1,000 times or 9 hours, and nobody notices |
# | **Unknown stays unknown**: a blank is not 0 | a broken charger becomes "a charger that nobody used" |
# | **Again is the same**: `clean(clean(x))` equals `clean(x)` | the day somebody runs it twice, the table breaks quietly |

# %% [ko]
# ## 약속
#
# - pandas를 마음껏 쓰십시오. 반복문도 좋습니다. 함수는 건네받은 표와 Series를 **바꾸지 않습니다.**
# - Series를 받아 Series를 돌려주는 함수는 받은 것과 **같은 인덱스**를 같은 순서로 돌려줍니다. 인덱스는 아무 값이나 될 수 있습니다.
# - 모르는 수는 `NaN`, 모르는 시각은 `NaT`입니다.
# - 채점에는 **다른 달의 새 기록**을 씁니다. 숨은 검사는 위의 네 약속을 그 기록에서 확인합니다.

# %% [en]
# ## Conventions
#
# - Use pandas as you like; loops are fine too. Functions **do not change** the tables and Series they are given.
# - A function that takes a Series and returns one keeps **the same index** in the same order. The index may be anything.
# - An unknown number is `NaN`, an unknown time `NaT`.
# - The marking uses **new records of another month**. Hidden tests check the four promises on them.

# %% given="setup"
import koreanize_matplotlib  # noqa: F401  (한글 글꼴 / a Korean font)
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#7F7F7F"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11})
KST = "Asia/Seoul"

raw = pd.read_csv("charging.csv")
raw.head(8)

# %% [ko]
# ## 자료 카드
#
# **이 데이터는 만들어 낸 것입니다.** 실제 이용자나 회사의 기록은 없습니다. 광주의 공용 충전기 60대, 2025년 6월, 충전 1,500건을 흉내 냈습니다. 라이선스 CC0.
#
# | 열 | 뜻 |
# |---|---|
# | `session` | 충전 번호. 통신이 끊기면 회사가 **같은 충전을 다시** 보냅니다. 그때 시각이나 단위를 적는 방식이 달라지기도 합니다 |
# | `charger`, `district`, `rated_kw` | 충전기, 그것이 있는 구(등록하지 않은 충전기는 빈칸), 정격 출력(kW) |
# | `started`, `ended` | 시각. 끝에 `Z`가 있으면 **UTC**, `+09:00` 같은 시차가 있으면 그 시차, 아무 표시가 없으면 **한국 시각**입니다. `ended`는 빌 수 있습니다 |
# | `energy`, `unit` | 충전량과 단위(`kWh` 또는 `Wh`. 대소문자와 앞뒤 빈칸은 제각각). 천 단위 쉼표가 있기도 합니다. `energy`는 빌 수 있습니다 |
# | `received` | 도착 번호. 다시 보낸 기록의 번호가 더 큽니다. 같은 번호는 없습니다 |
#
# 다시 보낸 것은 고친 것이므로 **나중에 도착한 기록이 옳습니다.**

# %% [en]
# ## Data card
#
# **These data are made up.** They hold no record of real users or operators. They imitate 60 public chargers in Gwangju in June 2025, 1,500 sessions. Licence CC0.
#
# | Column | Meaning |
# |---|---|
# | `session` | the session's number. When a line drops, the operator sends **the same session again**, sometimes writing times or units another way |
# | `charger`, `district`, `rated_kw` | the charger, the district it stands in (blank for one that was never registered), its rated power (kW) |
# | `started`, `ended` | times. `Z` at the end means **UTC**, an offset such as `+09:00` is that offset, no mark means **Korean time**. `ended` may be blank |
# | `energy`, `unit` | the energy and its unit (`kWh` or `Wh`, in upper or lower case, perhaps with spaces around). Thousands may have commas. `energy` may be blank |
# | `received` | number of arrival. A record sent again has a larger one. No number occurs twice |
#
# What is sent again has been corrected: **the record that arrived later is right.**

# %% [ko]
# ## 먼저 그려 보기
#
# 정제는 고치는 일이 아니라 **알아차리는 일**에서 시작합니다. 평균은 아무것도 알려 주지 않지만 그림은 알려 줍니다.
#
# 왼쪽은 `energy`를 적힌 그대로 그린 것입니다(가로축은 10배씩). 산이 둘입니다. 두 산은 정확히 **1,000배** 떨어져 있습니다. 자동차 배터리가 두 종류일 리 없으니 단위가 둘입니다.
# 오른쪽은 시각을 적힌 글자에서 그대로 읽어 시각마다 센 것입니다. 세 회사의 하루가 서로 어긋나 보입니다. 두 회사는 저녁에 붐비는데 한 회사는 오전에 붐빕니다. 사는 도시가 같은데 말입니다.
# 점선은 그 회사의 곡선을 9시간 민 것입니다. 실행하기 전에 물어봅시다. 어느 회사가 UTC로 적을까요?

# %% [en]
# ## First, draw
#
# Cleaning begins not with repairing but with **noticing**. A mean tells you nothing; a picture does.
#
# On the left is `energy` as it is written (each step of the axis is ten times). There are two hills, exactly **1,000 times** apart. Car batteries do not
# come in two such sizes, so there are two units. On the right, hours were read off the text as it stands and counted. The days of the three operators
# seem out of step: one is busy in the morning where the others are busy in the evening, in the same city. The dashed line is that operator's curve
# moved by 9 hours. Before you run it: which operator writes UTC?

# %% given="picture-raw"
as_written = pd.read_csv("charging.csv", thousands=",")
style = np.select([raw["started"].str.endswith("Z"), raw["started"].str.contains("T")], ["Z", "+09:00"], "표시 없음 / no mark")
figure, axes = plt.subplots(1, 2, figsize=(12.5, 3.6), layout="constrained")
axes[0].hist(as_written["energy"].dropna(), bins=np.logspace(0, 5.2, 60), color=BLUE)
axes[0].set(xscale="log", xlabel="energy (적힌 그대로 / as written)", ylabel="기록 / records", title="산이 둘 / two hills")
axes[0].annotate("", (27000, 118), (27, 118), arrowprops={"arrowstyle": "<->", "color": ORANGE, "lw": 2})
axes[0].text(850, 121, "× 1000", color=ORANGE, weight="bold", ha="center", va="bottom")
axes[0].set_ylim(0, 140)
for name, color, marker in (("표시 없음 / no mark", BLUE, "o"), ("+09:00", GREEN, "s"), ("Z", ORANGE, "^")):
    hours = as_written["started"][style == name].str.slice(11, 13).astype(int)
    share = hours.value_counts(normalize=True).reindex(range(24), fill_value=0).rolling(3, center=True, min_periods=1).mean()
    axes[1].plot(share.index, share, color=color, marker=marker, ms=4, label=name)
    if name == "Z":
        moved = pd.Series(np.roll(share.to_numpy(), 9))
        axes[1].plot(moved.index, moved, color=color, ls="--", lw=1.5, label="Z + 9 h")
axes[1].set(xlabel="적힌 시각 / hour as written", ylabel="비율 / share", title="어긋난 하루 / days out of step", xticks=range(0, 24, 3), ylim=(0, None))
axes[1].legend(frameon=False, ncol=2, fontsize=9)
plt.show()

# %% [ko]
# ## 1. 한 순간, 하나의 시각
#
# 시각을 나타내는 글은 두 가지로 이루어집니다. **벽시계가 가리키는 수**와 **그 시계가 걸린 곳**입니다. 둘째가 없으면 그것은 아직 시각이 아닙니다.
#
# ### 손으로 푸는 예제
#
# | 적힌 글 | 걸린 곳 | 한국 시각 |
# |---|---|---|
# | `2025-06-02T23:15:00Z` | UTC | 2025-06-**03 08:15** (9시간을 더하니 날짜도 바뀜) |
# | `2025-06-03T08:15:00+09:00` | 한국 | 2025-06-03 08:15 |
# | `2025-06-03 08:15:00` | (약속) 한국 | 2025-06-03 08:15 |
#
# 셋은 **같은 순간**입니다. pandas에는 이를 나타내는 자료형이 있습니다. `tz_localize`는 시계가 걸린 곳을 **알려 주고**(수는 그대로), `tz_convert`는 다른 곳의 시계로 **읽어 줍니다**(순간은 그대로).
# 둘을 바꾸어 쓰면 9시간이 사라지거나 두 번 더해집니다. 시간대를 떼어 내고 저장해도 마찬가지입니다. 다음 사람이 또 9시간을 더합니다.
#
# **문제 1.** `to_time(text)`를 완성하십시오. 글의 Series를 받아 시간대가 `Asia/Seoul`인 시각의 Series를 돌려줍니다.
# - 끝에 `Z`, `+09:00`, `-05:00`처럼 표시가 있으면 그것을 따르고, 없으면 한국 시각으로 봅니다. 날짜와 시각 사이는 `T`나 빈칸입니다.
# - 빈칸(`None`, `NaN`)은 `NaT`입니다.
# - 이미 시간대가 있는 시각의 Series를 받으면 같은 순간을 `Asia/Seoul`로 돌려줍니다.

# %% [en]
# ## 1. One moment, one time
#
# A text for a time has two parts: **what the clock on the wall shows** and **where that clock hangs**. Without the second it is not yet a time.
#
# ### An example by hand
#
# | Text | Where the clock hangs | Korean time |
# |---|---|---|
# | `2025-06-02T23:15:00Z` | UTC | 2025-06-**03 08:15** (adding 9 hours changes the date too) |
# | `2025-06-03T08:15:00+09:00` | Korea | 2025-06-03 08:15 |
# | `2025-06-03 08:15:00` | (by convention) Korea | 2025-06-03 08:15 |
#
# The three are **the same moment**. pandas has a type for it. `tz_localize` **tells** where the clock hangs (the numbers stay), `tz_convert` **reads** the clock
# of another place (the moment stays). Take one for the other and 9 hours get lost or added twice. So they do when the zone is cut off before saving: the next person adds 9 hours again.
#
# **Exercise 1.** Complete `to_time(text)`. It takes a Series of texts and returns a Series of times whose zone is `Asia/Seoul`.
# - Where a mark such as `Z`, `+09:00` or `-05:00` stands at the end, it counts; otherwise it is Korean time. Between date and time is a `T` or a space.
# - A blank (`None`, `NaN`) is `NaT`.
# - Given a Series of times that have a zone already, it returns the same moments in `Asia/Seoul`.

# %% solution="to-time"
def to_time(text):
    """글의 Series를 한국 시각의 Series로 / A Series of texts as a Series of Korean times."""
    ### BEGIN SOLUTION
    if isinstance(text.dtype, pd.DatetimeTZDtype):
        return text.dt.tz_convert(KST)
    text = text.astype("string").str.strip()
    marked = text.str.contains(r"(?:Z|[+-]\d\d:\d\d)$", na=False)
    return pd.to_datetime(text.where(marked, text + "+09:00"), utc=True, format="ISO8601").dt.tz_convert(KST)
    ### END SOLUTION


# %% test="time-moment" points=2
three = pd.Series(["2025-06-02T23:15:00Z", "2025-06-03T08:15:00+09:00", "2025-06-03 08:15:00"])
found = to_time(three)

assert isinstance(found.dtype, pd.DatetimeTZDtype), "시간대가 있는 시각이어야 합니다 / the times must have a zone"
assert str(found.dt.tz) == KST, "시간대가 Asia/Seoul이어야 합니다 / the zone must be Asia/Seoul"
assert (found == pd.Timestamp("2025-06-03 08:15", tz=KST)).all(), "예제의 세 글은 같은 순간입니다 / the three texts of the example are the same moment"

# %% test="time-blank" points=1
found = to_time(pd.Series(["2025-06-03 08:15:00", None], index=[7, 3]))

assert list(found.index) == [7, 3], "받은 인덱스를 그대로 돌려주어야 합니다 / the index must stay as it was"
assert found.isna().tolist() == [False, True], "빈칸은 NaT입니다 / a blank is NaT"

# %% test="time-again" points=1
once = to_time(three)

assert to_time(once).equals(once), "이미 시각인 것을 다시 건네면 그대로여야 합니다 / times handed over again must stay the same"

# %% [ko]
# ## 2. 수에는 단위가 붙어 있다
#
# `unit` 열이 있으니 쉬워 보입니다. 그런데 `"12,340"`은 수가 아니라 글이고, 단위는 `kWh`, `Wh`, `" KWH"`로 적힙니다. 글을 수로 바꿀 때 흔한 실수는 `errors="coerce"`를 믿는 것입니다.
# 읽지 못한 것을 조용히 `NaN`으로 만들기 때문에, 쉼표가 있는 줄이 **모두 결측이 됩니다.** 그다음 `fillna(0)`이 오면 회사 하나가 통째로 사라집니다.
#
# | `energy` | `unit` | kWh |
# |---|---|---|
# | `"12,340"` | `"Wh"` | 12.34 |
# | `"9.55"` | `" KWH"` | 9.55 |
# | (빈칸) | `"kWh"` | `NaN` — 0이 아닙니다. 충전을 **했는데** 얼마인지 모르는 것입니다 |
#
# **문제 2.** `to_kwh(energy, unit)`를 완성하십시오. 인덱스가 같은 두 Series를 받아 kWh(`float`)의 Series를 돌려줍니다. `energy`는 글일 수도, 이미 수일 수도 있습니다. 단위는 대소문자와 앞뒤 빈칸을 빼면
# `kWh`와 `Wh` 둘뿐입니다.

# %% [en]
# ## 2. A number comes with a unit
#
# There is a column `unit`, so it looks easy. But `"12,340"` is text, not a number, and units are written `kWh`, `Wh` and `" KWH"`. The usual mistake is to trust `errors="coerce"`:
# what cannot be read turns into `NaN` in silence, so **every row with a comma becomes a gap.** Let `fillna(0)` follow, and a whole operator is gone.
#
# | `energy` | `unit` | kWh |
# |---|---|---|
# | `"12,340"` | `"Wh"` | 12.34 |
# | `"9.55"` | `" KWH"` | 9.55 |
# | (blank) | `"kWh"` | `NaN`, not 0: somebody **did** charge, and we do not know how much |
#
# **Exercise 2.** Complete `to_kwh(energy, unit)`. It takes two Series with the same index and returns a Series of kWh (`float`). `energy` may be text, or numbers already. Apart from case and
# surrounding spaces the only units are `kWh` and `Wh`.

# %% solution="to-kwh"
def to_kwh(energy, unit):
    """충전량을 kWh로. 빈칸은 NaN / The energy in kWh; a blank is NaN."""
    ### BEGIN SOLUTION
    number = pd.to_numeric(energy.astype("string").str.replace(",", "")).astype("float64")
    in_wh = unit.str.strip().str.lower() == "wh"
    return number.where(~in_wh, number / 1000)
    ### END SOLUTION


# %% test="kwh-units" points=3
found = to_kwh(pd.Series(["12,340", "9.55", "30"], index=[5, 1, 9]), pd.Series(["Wh", " KWH", "kWh"], index=[5, 1, 9]))

assert found.dtype == "float64", "float인 Series여야 합니다 / it must be a Series of floats"
assert list(found.index) == [5, 1, 9], "받은 인덱스를 그대로 돌려주어야 합니다 / the index must stay as it was"
assert np.allclose(found, [12.34, 9.55, 30]), "표의 예와 다릅니다 / it differs from the examples in the table"

# %% test="kwh-blank" points=1
found = to_kwh(pd.Series(["9.55", None]), pd.Series(["kWh", "Wh"]))

assert found.isna().tolist() == [False, True], "빈칸은 NaN이고 나머지는 수입니다 / a blank is NaN, the rest are numbers"

# %% [ko]
# ## 3. 하나의 표로
#
# ### 왜 순서가 중요한가
#
# 같은 충전이 두 번 왔습니다. `drop_duplicates()` 한 줄이면 될까요? 두 기록은 이렇게 생겼습니다.
#
# | session | started | energy | unit | received |
# |---|---|---|---|---|
# | S-004711 | 2025-06-03 08:15:00 | (빈칸) | kWh | 102 |
# | S-004711 | 2025-06-02T23:15:00Z | 12,340 | Wh | 877 |
#
# **한 글자도 같지 않습니다.** 줄 전체를 견주는 도구는 아무것도 지우지 못합니다. "같다"는 것은 글이 아니라 **충전 번호**로 정해집니다. 그리고 둘 가운데 무엇을 남길지는 표의 순서가 아니라 `received`가 정합니다. 줄은 뒤섞여 있습니다.
#
# **문제 3.** `clean(table)`을 완성하십시오.
# - **같은 열을 같은 순서로** 돌려줍니다. `started`와 `ended`는 문제 1의 시각, `energy`는 kWh, `unit`은 모두 `"kWh"`입니다. 나머지 열의 값은 그대로입니다.
# - 충전 하나에 **한 줄**: `received`가 가장 큰 기록. 그 기록의 빈칸은 빈칸이며, 앞의 기록과 섞어 메우지 않습니다. 그 밖에는 한 줄도 버리지 않습니다. 충전량이나 시각이나 구가 비어 있어도 남깁니다.
# - `started`가 이른 것부터, 같으면 `session` 순서로 놓고 인덱스는 0, 1, 2, …입니다.
# - 정제한 표를 다시 건네면 같은 표가 나옵니다. `unit`을 고치지 않으면 이 약속이 깨집니다. 왜인지 생각해 보십시오.

# %% [en]
# ## 3. One table
#
# ### Why the order of steps matters
#
# A session came twice. Will one line of `drop_duplicates()` do? The two records look like this:
#
# | session | started | energy | unit | received |
# |---|---|---|---|---|
# | S-004711 | 2025-06-03 08:15:00 | (blank) | kWh | 102 |
# | S-004711 | 2025-06-02T23:15:00Z | 12,340 | Wh | 877 |
#
# **Not one field is written alike.** A tool that compares whole rows removes nothing. What is "the same" is settled by **the session's number**, not by text. And which one stays is settled by `received`, not by
# the order of the table: rows are shuffled.
#
# **Exercise 3.** Complete `clean(table)`.
# - Return **the same columns in the same order**. `started` and `ended` are times as in exercise 1, `energy` is in kWh, `unit` is `"kWh"` throughout. Values of other columns stay.
# - **One row** for each session: the record with the largest `received`. A blank in it is a blank, not to be filled from the one before. Apart from that no row is dropped, even if its energy, time or district is blank.
# - The earliest `started` comes first, equal ones in the order of `session`; the index is 0, 1, 2, …
# - A clean table handed over again gives the same table. If `unit` is left as it was, this promise breaks. Think about why.

# %% solution="clean"
def clean(table):
    """충전마다 한 줄, 한 단위, 한 시간대의 표 / One row for each session, one unit, one time zone."""
    ### BEGIN SOLUTION
    latest = table.sort_values("received").drop_duplicates("session", keep="last")
    tidy = latest.assign(
        started=to_time(latest["started"]),
        ended=to_time(latest["ended"]),
        energy=to_kwh(latest["energy"], latest["unit"]),
        unit="kWh",
    )
    return tidy.sort_values(["started", "session"], ignore_index=True)
    ### END SOLUTION


# %% test="clean-conserves" points=2
tidy = clean(raw)

assert list(tidy.columns) == list(raw.columns), "열이 그대로가 아닙니다 / the columns are not the same"
assert set(tidy["session"]) == set(raw["session"]), "사라지거나 생겨난 충전이 있습니다 / sessions vanished or appeared"
assert tidy["session"].is_unique, "한 충전이 두 줄입니다 / a session has two rows"

# %% test="clean-latest" points=2
pair = pd.DataFrame({
    "session": ["S-004711"] * 2, "charger": ["GJ-001"] * 2, "district": ["북구"] * 2, "rated_kw": [50.0] * 2,
    "started": ["2025-06-02T23:15:00Z", "2025-06-03 08:15:00"], "ended": ["2025-06-02T23:45:00Z", "2025-06-03 08:45:00"],
    "energy": ["12,340", None], "unit": ["Wh", "kWh"], "received": [877, 102],
})  # fmt: skip
found = clean(pair)

assert found["energy"].tolist() == [12.34], "예에서는 나중에 도착한 기록의 12.34 kWh가 남아야 합니다 / in the example the 12.34 kWh of the later record must stay"

# %% test="clean-again" points=2
again = clean(tidy)

pd.testing.assert_frame_equal(again, tidy, obj="clean(clean(raw))")
assert (tidy["unit"] == "kWh").all(), "unit이 모두 kWh여야 합니다 / the unit must be kWh throughout"

# %% test="clean-order" points=1
assert tidy["started"].is_monotonic_increasing, "이른 것부터 놓여야 합니다 / the earliest must come first"
assert list(tidy.index) == list(range(len(tidy))), "인덱스는 0, 1, 2, …입니다 / the index is 0, 1, 2, …"

# %% test="clean-untouched" points=1
before = raw.copy()
clean(raw)

pd.testing.assert_frame_equal(raw, before, obj="raw")

# %% [ko]
# 정제한 뒤의 셈을 적어 둡시다. 이 세 줄이 메모의 뼈대입니다. **들어온 것 = 남은 것 + 설명한 것**이 아니면 어딘가에서 잃어버린 것입니다.

# %% [en]
# Write the account of the cleaning down. These lines are the bones of your memo. If **what came in** is not **what stayed + what you can explain**, something was lost.

# %%
print(f"들어온 기록 / records in      {len(raw):6,}")
print(f"다시 보낸 것 / sent again     {len(raw) - len(tidy):6,}")
print(f"남은 충전 / sessions          {len(tidy):6,}")
print(f"충전량을 모름 / no energy     {tidy['energy'].isna().sum():6,}")
print(f"합계 / total                  {tidy['energy'].sum():9,.0f} kWh")

# %% [ko]
# ## 4. 물리 법칙은 이름표보다 정직하다
#
# 합계가 아직도 이상합니다. 충전기 60대에서 1,500번이면 한 번에 수백 kWh라는 말인데, 가장 큰 승용차 배터리도 100 kWh 안팎입니다. 단위를 모두 맞추었는데 왜일까요?
# **이름표가 거짓말을 하기 때문입니다.** 어떤 기록은 Wh로 잰 수에 kWh라고 적었습니다. `unit` 열만 보아서는 절대로 알 수 없습니다.
#
# 그래서 자료 밖의 지식으로 묻습니다. 충전기는 정격보다 빠르게 충전할 수 없습니다.
#
# $$ \text{평균 출력} = \frac{\text{kWh}}{\text{시간}} \le \text{정격 출력(kW)} $$
#
# 정격 7 kW인 충전기에서 2시간에 13 kWh는 그럴 수 있습니다(6.5 kW). 2시간에 13,000 kWh는 없습니다(6,500 kW).
# 아래 그림은 정제한 표의 충전마다 평균 출력과 정격의 비를 그린 것입니다. 1을 넘는 점들이 **1,000 근처에 따로** 모여 있습니다. 잴 때의 오차라면 1 바로 위에 있을 것입니다.
#
# 그러면 1,000으로 나누어 고치면 될까요? 아마 맞을 것입니다. 그러나 "아마"는 자료가 아닙니다. 정제하는 사람은 **표시**를 하고, 고치는 것은 보내온 회사에 물어본 뒤입니다. 그래서 오늘은 판정만 합니다.

# %% [en]
# ## 4. Physics is more honest than a label
#
# The total still looks odd: 1,500 sessions would have taken hundreds of kWh each, and the largest car batteries hold about 100. All units agree now, so why?
# **Because labels lie.** Some records measured Wh and wrote kWh. The column `unit` alone can never tell.
#
# So ask with knowledge from outside the data. A charger cannot charge faster than its rating.
#
# $$ \text{mean power} = \frac{\text{kWh}}{\text{hours}} \le \text{rated power (kW)} $$
#
# 13 kWh in two hours on a charger rated 7 kW may be (6.5 kW). 13,000 kWh in two hours may not (6,500 kW).
# The picture shows the ratio of mean power to rating for each clean session. The points above 1 sit **apart, near 1,000**. Errors of measurement would sit just above 1.
#
# Then divide by 1,000 and be done? That is probably right. But "probably" is not data. Whoever cleans **marks**; repairing comes after asking the operator. So today we only judge.

# %% given="picture-power"
length = (tidy["ended"] - tidy["started"]).dt.total_seconds() / 3600
known = length > 0
ratio = tidy["energy"][known] / length[known] / tidy["rated_kw"][known]
figure, axis = plt.subplots(figsize=(10, 2.9), layout="constrained")
axis.scatter(ratio, np.random.default_rng(0).random(len(ratio)), s=9, color=np.where(ratio > 1.05, ORANGE, BLUE), alpha=0.7)
axis.axvline(1, color="black", lw=1.5)
axis.text(1.15, 1.03, "정격 / rating", va="bottom")
axis.set(xscale="log", xlim=(0.1, 3000), ylim=(-0.05, 1.2), yticks=[], xlabel="평균 출력 ÷ 정격 / mean power ÷ rating")
axis.set_xticks([0.1, 1, 10, 100, 1000], ["0.1", "1", "10", "100", "1,000"])
axis.text(0.5, 1.03, "그럴 수 있음 / possible", color=BLUE, ha="right", va="bottom", weight="bold")
axis.text(700, 1.03, "있을 수 없음 / impossible", color="#9A6A00", ha="center", va="bottom", weight="bold")
plt.show()

# %% [ko]
# **문제 4.** `verdict(tidy)`를 완성하십시오. `clean`이 돌려준 표를 받아, 줄마다 다음 가운데 하나인 글의 Series를 돌려줍니다. **위에서부터 처음 맞는 것**입니다.
#
# | 판정 | 뜻 |
# |---|---|
# | `"no-energy"` | 충전량이 비어 있음 |
# | `"no-time"` | `ended`가 비어 있거나, `started`보다 늦지 않음(같아도) |
# | `"too-fast"` | 평균 출력이 정격의 1.05배보다 큼(5%는 계량기의 오차로 봐줌. 정확히 1.05배는 괜찮음) |
# | `"ok"` | 그 밖 |

# %% [en]
# **Exercise 4.** Complete `verdict(tidy)`. It takes a table from `clean` and returns a Series of texts, one for each row: **the first that applies, from the top**.
#
# | Verdict | Meaning |
# |---|---|
# | `"no-energy"` | the energy is blank |
# | `"no-time"` | `ended` is blank, or not later than `started` (equal counts as not later) |
# | `"too-fast"` | the mean power is more than 1.05 times the rating (5% is granted to the meter; exactly 1.05 times is fine) |
# | `"ok"` | anything else |

# %% solution="verdict"
def verdict(tidy):
    """줄마다의 판정 / The verdict on each row."""
    ### BEGIN SOLUTION
    hours = (tidy["ended"] - tidy["started"]) / pd.Timedelta(hours=1)
    told = np.select(
        [tidy["energy"].isna(), ~(hours > 0), tidy["energy"] > 1.05 * tidy["rated_kw"] * hours],
        ["no-energy", "no-time", "too-fast"],
        "ok",
    )
    return pd.Series(told, index=tidy.index)
    ### END SOLUTION


# %% test="verdict-kinds" points=3
sample = pd.DataFrame({
    "started": pd.to_datetime(["2025-06-03 08:00"] * 5).tz_localize(KST),
    "ended": pd.to_datetime(["2025-06-03 10:00", "2025-06-03 10:00", None, "2025-06-03 07:00", "2025-06-03 10:00"]).tz_localize(KST),
    "energy": [13.0, np.nan, 13.0, 13.0, 13000.0], "rated_kw": 7.0,
})  # fmt: skip

assert verdict(sample).tolist() == ["ok", "no-energy", "no-time", "no-time", "too-fast"], "표의 뜻과 다릅니다 / it differs from the table of verdicts"

# %% test="verdict-first" points=1
both = sample.iloc[[1, 2]].assign(energy=np.nan)

assert verdict(both).tolist() == ["no-energy", "no-energy"], "둘 다 맞으면 위에 있는 판정입니다 / where two apply, the upper one counts"
assert verdict(sample.iloc[[4, 0]]).index.tolist() == [4, 0], "받은 인덱스를 그대로 돌려주어야 합니다 / the index must stay as it was"

# %% [ko]
# ## 5. 묶을 때 사라지는 것
#
# 구별로 더합니다. pandas의 `groupby`는 **열쇠가 비어 있는 줄을 말없이 버립니다.** 등록하지 않은 충전기의 전기는 어느 구에도 나타나지 않고, 구별 합계를 더해도 전체가 되지 않습니다.
# 보고서를 받는 사람은 합이 맞는지부터 봅니다. 모르는 것에도 자리를 주십시오.
#
# **문제 5.** `by_district(tidy)`는 인덱스가 구의 이름(비어 있으면 `"미상"`)이고 열이 다음 셋인 표를 돌려줍니다. 줄의 순서는 상관없고, 표에 나오는 구만 있으면 됩니다.
# - `sessions`: 줄의 수. 다 더하면 `len(tidy)`
# - `kwh`: 아는 충전량의 합. 그 구에 **아는 것이 하나도 없으면 `NaN`**(0은 "쓰지 않았다"는 뜻)
# - `unknown`: 충전량이 비어 있는 줄의 수
#
# **문제 6.** `by_hour(tidy)`는 인덱스가 0부터 23까지인 Series를 순서대로 돌려줍니다. 값은 **한국 시각으로** 그 시에 시작한 충전의 아는 충전량의 합이고, 없는 시각은 `0.0`입니다(그 시각에 시작한 충전이 없다는 것은 아는 사실입니다).

# %% [en]
# ## 5. What grouping loses
#
# Now add up by district. `groupby` in pandas **drops rows whose key is blank, in silence.** The energy of chargers that were never registered shows up in no district, and the districts do not add up to the whole.
# Whoever receives a report first looks whether it adds up. Give the unknown its place too.
#
# **Exercise 5.** `by_district(tidy)` returns a table whose index is the name of the district (`"미상"`, unknown, where it is blank), with three columns. The order of rows does not matter; only districts that occur are needed.
# - `sessions`: the number of rows; together they make `len(tidy)`
# - `kwh`: the sum of known energies; **`NaN` where nothing at all is known** in that district (0 would say "nothing was used")
# - `unknown`: the number of rows whose energy is blank
#
# **Exercise 6.** `by_hour(tidy)` returns a Series with the index 0 to 23, in order: the sum of the known energies of the sessions that began in that hour **of Korean time**, `0.0` for an hour without (that no session began then is something we do know).

# %% solution="by-district"
def by_district(tidy):
    """구마다 sessions, kwh, unknown / sessions, kwh and unknown for each district."""
    ### BEGIN SOLUTION
    groups = tidy["energy"].groupby(tidy["district"].fillna("미상"))
    return pd.DataFrame({
        "sessions": groups.size(), "kwh": groups.sum(min_count=1), "unknown": groups.size() - groups.count(),
    })
    ### END SOLUTION


# %% test="district-total" points=2
found = by_district(tidy)

assert found["sessions"].sum() == len(tidy), "구의 줄 수를 더하면 전체여야 합니다 / the districts must add up to the whole"
assert "미상" in found.index, "구가 비어 있는 줄은 '미상'입니다 / rows without a district are '미상'"
assert np.isclose(found["kwh"].sum(), tidy["energy"].sum()), "충전량의 합이 전체와 다릅니다 / the energies do not add up to the whole"

# %% test="district-unknown" points=2
few = pd.DataFrame({"district": ["동구", "동구", "서구"], "energy": [10.0, np.nan, np.nan]})
found = by_district(few)

assert found.loc["동구", ["sessions", "kwh", "unknown"]].tolist() == [2, 10, 1], "동구는 두 줄, 10 kWh, 모름 하나입니다 / 동구 has two rows, 10 kWh, one unknown"
assert np.isnan(found.loc["서구", "kwh"]), "아는 것이 하나도 없으면 NaN입니다 / where nothing is known it is NaN"

# %% solution="by-hour"
def by_hour(tidy):
    """0–23시에 시작한 충전량의 합 / The energy of sessions that began in each hour 0-23."""
    ### BEGIN SOLUTION
    hour = tidy["started"].dt.tz_convert(KST).dt.hour
    return tidy["energy"].groupby(hour).sum().reindex(range(24), fill_value=0.0)
    ### END SOLUTION


# %% test="hour-korean" points=2
found = by_hour(sample)

assert list(found.index) == list(range(24)), "인덱스는 0부터 23까지입니다 / the index is 0 to 23"
assert np.isclose(found[8], 13039) and np.isclose(found.sum(), 13039), "예의 충전은 모두 한국 시각 8시에 시작했습니다 / all sessions of the example began at 8, Korean time"

# %% [ko]
# ## 다시 그려 보기
#
# 이제 판정이 `"ok"`인 충전만 가지고 담당자의 두 문장을 다시 씁니다. 합계는 몇 만 kWh가 되고, 가장 붐비는 때는 저녁입니다. 왼쪽 그림에서 회색 막대(시각을 적힌 그대로 읽은 것)와 견주어 보십시오.

# %% [en]
# ## Draw again
#
# Now rewrite the official's two sentences with the sessions judged `"ok"`. The total is tens of thousands of kWh, and the busiest time is another. Compare with the grey bars on the left (hours read as they stand in the text).

# %%
good = tidy[verdict(tidy) == "ok"]
naive = raw["started"].str[11:13].astype(int).value_counts().reindex(range(24), fill_value=0)
hourly, districts = by_hour(good), by_district(good).sort_values("kwh")
figure, axes = plt.subplots(1, 2, figsize=(12.5, 3.6), layout="constrained", width_ratios=[1.6, 1])
axes[0].bar(range(24), naive / naive.sum(), color="#CCCCCC", width=0.85, label="적힌 그대로(건수) / as written (records)")
axes[0].plot(range(24), hourly / hourly.sum(), color=BLUE, marker="o", label="정제한 뒤(kWh) / cleaned (kWh)")
axes[0].set(xlabel="시작한 시각(한국) / hour of start (Korea)", ylabel="비율 / share", xticks=range(0, 24, 3))
axes[0].legend(frameon=False)
bars = axes[1].barh(districts.index, districts["kwh"], color=np.where(districts.index == "미상", GREY, BLUE))
axes[1].bar_label(bars, labels=[f"{kwh:,.0f}" for kwh in districts["kwh"]], padding=4)
axes[1].set(xlabel="kWh", title="구별 충전량 / energy by district", xlim=(0, districts["kwh"].max() * 1.2))
plt.show()
print(f"합계 / total {good['energy'].sum():,.0f} kWh · {verdict(tidy).value_counts().to_dict()}")

# %% [ko]
# ## 6. 메모 (서술형, 6점)
#
# 시장에게 갈 보고서의 한 쪽짜리 덧붙임 **무엇을 빼고 무엇을 남겼는가**를 쓰십시오. 읽는 사람은 pandas를 모릅니다.
#
# 1. 셈: 들어온 기록에서 결론에 쓴 충전까지, 단계마다 몇 건이 왜 빠졌는지 수로 적으십시오. 더하면 맞아야 합니다.
# 2. 판단: `"too-fast"` 기록을 어떻게 다루었고, 다르게 다루었다면 합계가 어느 쪽으로 얼마나 달라지는지 적으십시오. 누구에게 무엇을 물어야 합니까?
# 3. 한계: `"미상"`과 충전량을 모르는 기록 때문에 구의 순위가 뒤집힐 수 있습니까? 급속 충전기 열 대의 자리를 이 표만으로 정해도 됩니까?
#
# 기본 점수 1점에, 셈 2점, 판단 2점, 한계 1점을 더합니다.

# %% [en]
# ## 6. Memo (written, 6 points)
#
# Write the one-page annex to the report for the mayor: **what was left out and what stayed**. The reader does not know pandas.
#
# 1. Account: from the records that came in to the sessions that the conclusion uses, how many were left out at each step, and why, in numbers that add up.
# 2. Judgement: what did you do with the `"too-fast"` records, and how, in which direction and by how much, would the total change otherwise? Whom must you ask what?
# 3. Limits: could `"미상"` and the records without energy turn the order of the districts around? Is this table alone enough to place ten fast chargers?
#
# A base of 1 point, plus 2 for the account, 2 for judgement, 1 for limits.

# %% [ko] manual="memo" points=6
# ### BEGIN SOLUTION
# 기록 1,517건이 들어왔습니다. 17건은 통신이 끊겨 다시 보낸 것이어서 나중 것만 남겨 충전 1,500건이 되었습니다. 이 가운데 충전량이 빈 것, 끝난 시각이 없거나 앞뒤가 바뀐 것, 정격보다 빠른 것을 합계에서 뺐고, 나머지를
# 썼습니다(단계마다의 수는 위의 출력과 같습니다). 뺀 것도 표에는 남아 있습니다. 정격보다 빠른 기록은 모두 정격의 수백 배여서 Wh를 kWh로 적은 것으로 보이지만 회사에 확인하기 전이라 뺐습니다. 그대로 넣으면 합계가 열 배 넘게 부풀고, 1,000으로 나누어 넣으면
# 2%쯤 늘어납니다. 그래서 결론은 어느 쪽으로 고쳐도 그대로이지만, 그대로 두는 것만은 안 됩니다. 한 회사의 기록에만 나타나므로 그 회사에 계량기의 단위를 물어야 합니다. 구를 모르는 충전량과 충전량을 모르는 기록이 1위와 2위의 차이보다 크다면 순위를 말하지 않습니다. 충전기가
# 있는 곳에서만 충전이 일어나므로, 이 표는 충전기가 없는 곳의 수요를 보여 주지 않습니다. 자리는 차량 등록과 대기 시간을 함께 보고 정해야 합니다.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 기본 점수 1점: 답을 쓰려고 한 흔적(백지는 0점).
#
# | 요소 | 2점 | 1점 | 0점 |
# |---|---|---|---|
# | 셈 | 들어온 기록에서 쓴 충전까지 모든 단계의 수가 있고 더하면 맞음. 다시 보낸 것과 판정으로 뺀 것을 구별 | 수가 있으나 한 단계가 빠지거나 맞지 않음 | "이상한 값을 뺐다"처럼 수가 없음 |
# | 판단 | 다룬 방법과 까닭, 다르게 했을 때의 방향과 크기, 물어볼 상대와 질문이 모두 있음 | 셋 가운데 둘 | 하나 이하. 또는 말없이 1,000으로 나눔 |
#
# 한계 1점: 모르는 양을 구 사이의 차이와 수로 견주거나, 충전기가 있는 곳의 기록만으로는 없는 곳의 수요를 알 수 없음을 말함.
# ### END MARK SCHEME

# %% [en] manual="memo" points=6
# ### BEGIN SOLUTION
# 1,517 records came in. 17 had been sent twice because a line dropped; with the later ones kept, 1,500 sessions remain. From the total we left out sessions without an energy, with no end or an end before the start, and those faster than the charger's
# rating; the rest was used (the numbers of each step stand in the output above). What was left out is still in the table. All records faster than the rating are hundreds of times too fast, so they look like Wh written as kWh, but nobody has confirmed it, so they are out.
# Taken as they stand they would inflate the total more than tenfold; divided by 1,000 they would add about 2%. The conclusion is the same either way, only leaving them as they are will not do. They come from one operator alone, so we must ask that operator for the unit of its meters. Where the energy without
# a district and the records without an energy outweigh the difference between first and second, we do not name an order. Charging happens only where there are chargers, so this table does not show demand where there are none: look at registered cars and waiting times as well.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# Base score 1: for any attempt at an answer (0 for a blank).
#
# | Element | 2 | 1 | 0 |
# |---|---|---|---|
# | Account | a number for every step from records to sessions used, and they add up; what was sent again is told apart from what was judged out | numbers, but a step is missing or they do not add up | no numbers ("odd values were removed") |
# | Judgement | what was done and why, direction and size of the alternative, and whom to ask what | two of the three | one or none; or divides by 1,000 without saying so |
#
# Limits 1: compares the unknown amount with the difference between districts in numbers, or says that records of places with chargers do not show demand where there are none.
# ### END MARK SCHEME

# %% [ko]
# ## 이제 말할 수 있는 것
#
# - 시각은 벽시계의 수와 시계가 걸린 곳입니다. 시간대를 떼지 않으면 두 번 더할 일도 없습니다.
# - 단위는 열의 이름표가 아니라 물리로 확인합니다. 그림의 두 산, 정격이라는 천장이 그 도구입니다.
# - 빼지 말고 표시하십시오. 들어온 것과 나간 것의 셈이 맞을 때에만 정제입니다.
# - `clean(clean(x)) == clean(x)`는 한 줄짜리 검사이지만, 이중 변환을 모두 잡습니다.

# %% [en]
# ## What you can now say
#
# - A time is what the clock shows and where it hangs. Who never cuts off the zone never adds it twice.
# - A unit is proved by physics, not by its label: the two hills of a picture and the ceiling of a rating are the tools.
# - Mark, do not drop. It is cleaning only if what came in and what went out add up.
# - `clean(clean(x)) == clean(x)` is a test of one line that catches every double conversion.
