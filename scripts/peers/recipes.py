"""Measures a recipe beside baselines and scikit-learn, on the same rows for training and for testing.

    recipes.py NAME                                                   prints the class that is asked for, where there is one
    recipes.py NAME TABLE.csv PARTS.csv PREDICTIONS.csv JUDGED.json

PARTS.csv comes from `lockstep prepare --parts`, PREDICTIONS.csv from `lockstep predict` of the whole table, JUDGED.json from
`lockstep evaluate --json`. What scikit-learn fits sees training rows alone, in its default settings, and nothing is chosen by test
rows; validation rows are left to Lockstep. Prints a line a model: its scores of the test rows. What is computed here of Lockstep's
predictions has to be what `evaluate` says of them, whose intervals are shown: it ends with 1 where it is not.
"""

import csv
import json
import math
import sys

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import (
    accuracy_score, average_precision_score, f1_score, mean_absolute_error, ndcg_score, roc_auc_score)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

# Of each recipe its target, the class that is asked for where there are two, and columns that are no features.
RECIPES = {
    "credit-risk": ("Status", "bad", []),
    "disease": ("diabetes", "pos", []),
    "breast-cancer": ("diagnosis", "malignant", []),
    "churn": ("churn", "Yes", []),
    "accidents": ("dead", "dead", ["weight", "injSeverity", "caseid", "crash"]),
    "shuttle": ("Class", None, []),
    "sales": ("sales", None, ["date", "city"]),
    "movielens": ("film", None, []),
    "topics": ("topic", None, []),
    "reviews": ("score", "other", ["product"]),
}
# Of recipes of texts the column of these.
TEXTS = {"topics": "text", "reviews": "review"}


def parts_of(path, table):
    """The part of each row of a CSV file, which is known by its first line; none where a row is not used."""
    parts = pd.read_csv(path).set_index("row")["part"]
    with open(table, newline="") as file:
        reader = csv.reader(file)
        next(reader)
        lines = [reader.line_num + 1]
        for _ in reader:
            lines.append(reader.line_num + 1)
    return parts.reindex(lines[:-1], fill_value="none").to_numpy(dtype=object)


def pipelines(features, linear, boosting):
    """A linear model on scaled numbers and a feature a word, and trees on numbers and places of words."""
    words = [name for name in features if not pd.api.types.is_numeric_dtype(features[name])]
    numbers = [name for name in features if name not in words]
    scaled = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), words))
    placed = make_column_transformer(
        ("passthrough", numbers), (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), words))
    return make_pipeline(scaled, linear), make_pipeline(placed, boosting)


def show(model, scores):
    print(f"{model:<30}" + "  ".join(f"{name} {value:.4f}" for name, value in scores.items()))


# What `evaluate --json` calls the scores.
KEYS = {
    "macro-f1": "f1", "rmse": "root-mean-squared-error", "mae": "mean-absolute-error", "mase": "mean-absolute-scaled-error",
    "ndcg@10": "ndcg-10-by-user", "hit-rate@10": "hit-rate-10-by-user", "recall@10": "recall-at-10-by-user"}


def show_own(scores, judged):
    """Lockstep's scores with the intervals of `evaluate`, which has to say the same."""
    texts = []
    for name, value in scores.items():
        figure = judged["metrics"].get(KEYS.get(name, name), {})
        if isinstance(figure.get("value"), float) and abs(figure["value"] - value) > 1e-5 * max(1, abs(value)):
            sys.exit(f"recipes.py: {name}: expected {value}, found {figure['value']} by lockstep evaluate")
        bounds = figure.get("interval")
        low_high = f" ({bounds[0]:.4f} to {bounds[1]:.4f})" if isinstance(bounds, list) else ""
        beside = f" beside {figure['beside']:.4f}" if isinstance(figure.get("beside"), float) else ""
        texts.append(f"{name} {value:.4f}{low_high}{beside}")
    print(f"{'lockstep':<30}" + "  ".join(texts))


def class_scores(truth, predicted, probabilities, classes, positive):
    scores = {"accuracy": accuracy_score(truth, predicted)}
    scores["macro-f1"] = f1_score(truth, predicted, average="macro", labels=classes)
    if positive is not None:
        of_positive = probabilities[:, list(classes).index(positive)]
        scores["roc-auc"] = roc_auc_score(truth == positive, of_positive)
        scores["average-precision"] = average_precision_score(truth == positive, of_positive)
    return scores


def classes(features, target, positive, train, test, predictions, judged):
    own = sorted(target[train].unique())
    linear, boosting = pipelines(
        features, LogisticRegression(max_iter=5000), HistGradientBoostingClassifier(random_state=1))
    models = [("majority", DummyClassifier(strategy="prior")), ("logistic regression", linear),
              ("histogram gradient boosting", boosting)]
    for name, model in models:
        model.fit(features[train], target[train])
        show(name, class_scores(
            target[test], model.predict(features[test]), model.predict_proba(features[test]), model.classes_, positive))
    probabilities = predictions.loc[test, [f"probability of {name}" for name in own]].to_numpy()
    scores = class_scores(target[test], predictions.loc[test, "prediction"], probabilities, own, positive)
    show_own(scores, judged)


def texts(column, target, positive, train, test, predictions, judged):
    own = sorted(target[train].unique())
    linear = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(max_iter=5000))
    for name, model in [("majority", DummyClassifier(strategy="prior")), ("TF-IDF, logistic regression", linear)]:
        model.fit(column[train], target[train])
        show(name, class_scores(
            target[test], model.predict(column[test]), model.predict_proba(column[test]), model.classes_, positive))
    probabilities = predictions.loc[test, [f"probability of {name}" for name in own]].to_numpy()
    show_own(class_scores(target[test], predictions.loc[test, "prediction"], probabilities, own, positive), judged)


def number_scores(truth, predicted, scale):
    error = truth - predicted
    return {"rmse": np.sqrt(np.mean(error**2)), "mae": mean_absolute_error(truth, predicted),
            "mase": np.mean(np.abs(error) / scale)}


def numbers(table, features, target, train, test, predictions, judged):
    """MASE: each error in units of the city's mean error of the seasonal-naive forecast in training (Hyndman and Koehler,
    2006)."""
    naive = table["sales_12_before"]
    units = (target - naive).abs()[train].groupby(table["city"][train]).mean()
    scale = table["city"][test].map(units)
    linear, boosting = pipelines(features, LinearRegression(), HistGradientBoostingRegressor(random_state=1))
    show("seasonal naive", number_scores(target[test], naive[test], scale))
    show("last month", number_scores(
        target[test], table["sales_1_before"].fillna(naive)[test], scale))
    for name, model in [("mean", DummyRegressor()), ("linear regression", linear), ("histogram gradient boosting", boosting)]:
        model.fit(features[train], target[train])
        show(name, number_scores(target[test], model.predict(features[test]), scale))
    show_own(number_scores(target[test], predictions.iloc[:, 0][test], scale), judged)


def ranked_scores(scores, known, wanted, most=10):
    """NDCG, hit rate and recall at `most` over the full catalogue without what a user's training rows have; the mean over users.

    What a user rated in the test rows is relevant. Films with equal scores share what their places give.
    """
    found = {"ndcg@10": [], "hit-rate@10": [], "recall@10": []}
    for user, films_of_user in wanted.items():
        left = np.setdiff1d(np.arange(len(scores[user])), known.get(user, []))
        own = scores[user][left]
        relevant = np.isin(left, films_of_user)
        found["ndcg@10"].append(ndcg_score([relevant.astype(float)], [own], k=most))
        # How many films are above each relevant one, and how many have its score.
        above = (own[None, :] > own[relevant][:, None]).sum(axis=1)
        equal = (own[None, :] == own[relevant][:, None]).sum(axis=1)
        shares = np.clip((most - above) / equal, 0, 1)
        found["recall@10"].append(shares.mean())
        ahead = above[shares > 0]
        if len(ahead) == 0 or (shares == 1).any():
            found["hit-rate@10"].append(float(len(ahead) > 0))
        else:
            # One tie reaches beyond the last place: the chance that none of its relevant films is before that.
            free, count = most - ahead[0], equal[shares > 0][0]
            none = math.comb(count - len(ahead), free) / math.comb(count, free)
            found["hit-rate@10"].append(1 - none)
    return {name: np.mean(values) for name, values in found.items()}


def ranking(table, train, test, predictions, judged):
    films = sorted(table["film"].unique())
    codes = table["film"].map({film: place for place, film in enumerate(films)})
    known = codes[train].groupby(table["user"][train]).apply(list).to_dict()
    wanted = codes[test].groupby(table["user"][test]).apply(list).to_dict()
    popularity = np.bincount(codes[train], minlength=len(films)).astype(float)
    show("popularity", ranked_scores({user: popularity for user in wanted}, known, wanted))
    # Cosine of films by who rated them, summed over those a user rated.
    users = {user: place for place, user in enumerate(sorted(table["user"].unique()))}
    seen = np.zeros((len(users), len(films)))
    seen[table["user"][train].map(users), codes[train]] = 1
    unit = seen / np.sqrt(np.maximum(seen.sum(axis=0), 1))
    neighbours = seen @ (unit.T @ unit)
    show("item neighbours", ranked_scores({user: neighbours[users[user]] for user in wanted}, known, wanted))
    from sklearn.decomposition import TruncatedSVD
    svd = TruncatedSVD(32, random_state=1)
    low = svd.fit_transform(seen) @ svd.components_
    show("truncated SVD", ranked_scores({user: low[users[user]] for user in wanted}, known, wanted))
    own = predictions[[f"probability of {film}" for film in films]].to_numpy()
    first = table.groupby("user").head(1).index if len(own) == len(table) else predictions.index
    order = table.groupby("user").head(1)["user"].to_numpy()
    scores = {user: own[row] for user, row in zip(order, first)}
    show_own(ranked_scores(scores, known, wanted), judged)


def main():
    if len(sys.argv) == 2:
        return print(RECIPES[sys.argv[1]][1] or "")
    name, path, parts, predicted, evaluated = sys.argv[1:]
    with open(evaluated) as file:
        judged = json.load(file)
    table = pd.read_csv(path)
    target_name, positive, unused = RECIPES[name]
    part = parts_of(parts, path)
    train, test = part == "train", part == "test"
    predictions = pd.read_csv(predicted)
    target = table[target_name]
    print(f"{name}: {train.sum():,} rows for training, {test.sum():,} for testing")
    if name == "movielens":
        return ranking(table, train, test, predictions, judged)
    features = table.drop(columns=[target_name, *unused])
    if name in TEXTS:
        return texts(table[TEXTS[name]], target, positive, train, test, predictions, judged)
    if name == "sales":
        return numbers(table, features, target, train, test, predictions, judged)
    classes(features, target, positive, train, test, predictions, judged)


main()
