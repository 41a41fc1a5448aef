"""민원 자료, 판 1. 이 데이터는 만들어 낸 것입니다. / Complaints, version 1. These data are made up.

한 줄이 민원 하나입니다. 실제 사람도 실제 민원도 아닙니다. One row is one complaint; neither the people nor the complaints are real.

writer     쓴 사람 (훈련 자료에만) / who wrote it (in the training data only)
text       민원의 글 / the complaint, in Korean
department 맞힐 것: road, waste, water, parking, park, welfare, health, tax / the target

사람마다 사투리, 띄어쓰기, 오타의 버릇이 다릅니다. 비공개 자료에는 전라도 말과 띄어 쓰지 않은 글이 많습니다.
5%는 접수한 사람이 부서를 잘못 적은 것입니다(모든 자료에). / Writers differ in dialect, spacing and slips. The private data have much
dialect of Jeolla and much text without spaces. In all data 5 % were filed under a wrong department.
"""

import numpy as np
import pandas as pd

VERSION = 1
TEXTS = 5  # 사람마다 / per writer
SPLITS = ("train", "public", "private")
DEPARTMENTS = ("road", "waste", "water", "parking", "park", "welfare", "health", "tax")
PLACES = ("충장로", "상무지구", "첨단지구", "수완지구", "봉선동", "송정역", "금남로", "양동시장", "무등산", "운암동", "풍암동", "용봉동")
DIALECT, GLUED = {"private": 0.35}, {"private": 0.30}
WRONG = 0.05
SLIP = 0.04

# 무엇이 어떻다: 부서마다 (무엇, 어떻다)의 모든 짝. 같은 낱말이 여러 부서에 나옵니다. / What, and what is wrong with it; words are shared.
_TOPICS = {
    "road": (("도로가", "골목길이", "보도블록이", "횡단보도 앞 길이", "맨홀 뚜껑이", "과속방지턱이", "지하차도가", "인도가"),
             ("깨져 있", "푹 꺼져 있", "비만 오면 물에 잠기", "울퉁불퉁해서 넘어지겠", "공사 뒤에 그대로 방치돼 있", "파여서 차가 덜컹거리")),
    "waste": (("쓰레기가", "음식물 수거통이", "재활용품이", "헌 가구가", "분리수거장이", "쓰레기봉투가", "전봇대 밑이", "골목이"),
              ("며칠째 그대로 쌓여 있", "넘쳐서 냄새가 나", "수거가 안 되고 있", "무단으로 버려져 있", "고양이가 뜯어 놓아 지저분하", "썩은 냄새가 진동하")),
    "water": (("수돗물이", "상수도관이", "하수구가", "수도 계량기가", "집 앞 배관이", "수도꼭지 물이", "맨홀에서 물이", "저수조가"),
              ("녹물처럼 누렇", "새서 길이 젖어 있", "막혀서 역류하", "갑자기 안 나오", "냄새가 나서 못 마시겠", "얼어서 터졌")),
    "parking": (("불법 주차 차가", "주차장이", "트럭이", "버스가", "신호등이", "이중 주차가", "학교 앞 차들이", "정류장 안내판이"),
                ("길을 막고 있", "자리가 없어 몇 바퀴를 돌", "날마다 인도를 차지하고 있", "너무 늦게 와", "고장 나서 위험하", "단속이 안 되고 있")),
    "park": (("공원이", "가로수가", "놀이터 그네가", "산책로가", "운동기구가", "공원 화장실이", "나뭇가지가", "잔디밭이"),
             ("부러져서 위험하", "너무 어두워서 무섭", "벌레가 많아 못 쓰겠", "관리가 안 되고 있", "낙엽이 쌓여 미끄럽", "가지가 전깃줄에 닿")),
    "welfare": (("기초연금이", "혼자 사시는 어르신이", "장애인 활동 지원이", "긴급 생계비가", "아이 돌봄 신청이", "경로당이", "복지 카드가", "급식 지원이"),
                ("아직 안 들어왔", "도움을 못 받고 있", "자격이 되는지 궁금하", "신청했는데 답이 없", "끊겨서 막막하", "어디에 물어야 할지 모르겠")),
    "health": (("예방접종이", "보건소 진료가", "식당 위생이", "독감 주사가", "모기가", "검진 결과가", "금연 상담이", "약국이"),
               ("언제 되는지 궁금하", "예약이 안 되", "너무 지저분해서 걱정이", "방역을 안 해서 심하", "아직 안 나왔", "밤에 여는 데가 없")),
    "tax": (("재산세가", "자동차세 고지서가", "지방세 환급이", "주민세가", "세금 납부 확인서가", "취득세가", "체납 안내가", "고지서 금액이"),
            ("두 번 나왔", "아직 안 들어왔", "잘못 나온 것 같", "언제까지인지 궁금하", "다른 집 것이 왔", "작년보다 너무 올랐")),
}
_STANDARD = ("습니다", "어요", "네요", "는데요", "습니다요")
_JEOLLA = ("당께요", "어라우", "구만이라", "는디요", "어라", "단 말이요")
_OPENINGS = ("", "", "안녕하세요. ", "수고하십니다. ", "민원 넣습니다. ", "여러 번 전화했는데 ", "급합니다. ")
_JEOLLA_OPENINGS = ("", "아따 ", "워메 ", "아니 거시기 ", "긍께 ", "나가 여러 번 말했는디 ")
_CLOSINGS = ("", "", " 확인 부탁드립니다.", " 빨리 처리해 주세요.", " 어디로 신고해야 하나요?", " 답변 바랍니다.", " 도로 민원이 아니면 돌려 주세요.", " 세금은 꼬박꼬박 내는데요.")
_JEOLLA_CLOSINGS = ("", " 싸게 좀 해 주쇼잉.", " 어째야 쓰까잉.", " 언능 봐 주쇼.", " 세금은 꼬박꼬박 냈는디.", " 어따 신고한다요?")
_WORDS = (("그대로", "고대로"), ("너무", "겁나게"), ("많아", "허벌나게 많아"), ("어르신", "어르신네"), ("길", "질"), ("지저분", "디저분"), ("못 ", "못허게 "), ("쌓여", "쟁여"),
          ("갑자기", "느닷없이"), ("아직", "안직"), ("어두워서", "깜깜해서"), ("냄새", "냄시"), ("나무", "낭구"), ("물이", "물이라 헌 것이"), ("아이", "아그"), ("하", "허"))


def make(seed, n, split):
    """n명이 쓴 민원. 같은 (seed, n, split)이면 언제나 같은 표입니다. / Complaints of n writers; the same arguments, the same table."""
    rng = np.random.default_rng([VERSION, seed, SPLITS.index(split)])
    rows = []
    for writer in range(n):
        speaks = rng.random() < DIALECT.get(split, 0.10)
        glues = rng.random() < GLUED.get(split, 0.06)
        slips = rng.random() < 0.3
        for _ in range(TEXTS):
            department = DEPARTMENTS[rng.integers(8)]
            text = _complaint(rng, department, speaks)
            text = _slipped(rng, text) if slips else text
            text = text.replace(" ", "") if glues else text
            filed = DEPARTMENTS[rng.integers(8)] if rng.random() < WRONG * 8 / 7 else department
            rows.append((f"{split[:3].upper()}-{writer:04d}", text, filed))
    table = pd.DataFrame(rows, columns=["writer", "text", "department"])
    return table.iloc[rng.permutation(len(table))].reset_index(drop=True)


def _complaint(rng, department, speaks):
    def one(choices):
        return choices[rng.integers(len(choices))]

    things, faults = _TOPICS[department]
    what = f"{one(things)} {one(faults)}"
    if speaks:
        for word, own in _WORDS:
            what = what.replace(word, own) if rng.random() < 0.7 else what
    place = f"{one(PLACES)} {one(('', '근처 ', '쪽 ', '사거리 ', '우리 집 앞 '))}"
    opening, ending, closing = (one(pair[speaks]) for pair in (
        (_OPENINGS, _JEOLLA_OPENINGS), (_STANDARD, _JEOLLA), (_CLOSINGS, _JEOLLA_CLOSINGS)))
    return " ".join(f"{opening}{place}{what}{ending}.{closing}".split())


def _slipped(rng, text):
    """빠뜨리거나 앞뒤를 바꿔 친 글자. / Letters left out or swapped."""
    letters = list(text)
    for place in range(len(letters) - 1):
        if rng.random() < SLIP and letters[place] != " ":
            if rng.random() < 0.5:
                letters[place] = ""
            else:
                letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)
