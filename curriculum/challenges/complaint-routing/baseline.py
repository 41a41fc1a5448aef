"""견주어 볼 세 가지 답. / Three answers to compare with: `BASELINES[name](train, test)` gives a table of `id` and `department`."""

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

TARGET = "department"


def most_common(train, test):
    return pd.DataFrame({"id": test["id"], TARGET: train[TARGET].mode()[0]})


def _learned(train, test, vectors):
    model = make_pipeline(vectors, LinearSVC(C=0.2, random_state=0)).fit(train["text"], train[TARGET])
    return pd.DataFrame({"id": test["id"], TARGET: model.predict(test["text"])})


def words(train, test):
    """띄어쓰기로 나눈 낱말. / Words, as the spaces part them."""
    return _learned(train, test, TfidfVectorizer())


def letters(train, test):
    """띄어쓰기를 보지 않는, 글자 두셋의 묶음. / Runs of one to three letters, whatever the spaces."""
    return _learned(train, test, TfidfVectorizer(analyzer="char", ngram_range=(1, 3), preprocessor=lambda text: text.replace(" ", ""), sublinear_tf=True))


BASELINES = {"most-common": most_common, "words": words, "letters": letters}
