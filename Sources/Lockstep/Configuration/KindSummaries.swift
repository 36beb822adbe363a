/// What each kind is, in one line, for `lockstep kinds` and for editors. A program's own kinds have none.
enum KindSummaries {
  /// Nil where there is none.
  static func summary(of kind: String, in role: String) -> String? { all[role]?[kind] }

  static let all: [String: [String: String]] = [
    "data": [
      "idx": "images in the IDX format of MNIST, with labels, numbers or pictures to predict",
      "csv": "a table of numbers, with a column of classes or columns of numbers to predict",
      "text": "windows of a text's characters or bytes, each to predict the next one",
      "two-class": "points of two classes in the plane, made from the seed",
      "noise-text": "random tokens: nothing to learn, for benchmarks",
      "noise": "random numbers of any shape: nothing to learn, for benchmarks",
    ],
    "model": [
      "dense": "y = Wx + b: every output from every input",
      "convolution": "a learned window over height and width",
      "max-pool": "the greatest of each window",
      "average-pool": "the mean of each window",
      "global-average-pool": "the mean of each channel over height and width",
      "batch-norm": "each channel to mean 0 and deviation 1 over a micro-batch, then scaled and shifted",
      "relu": "max(x, 0)",
      "sigmoid": "1 / (1 + exp(-x))",
      "tanh": "the hyperbolic tangent",
      "leaky-relu": "x, and slope times x where it is negative",
      "gelu": "x times the normal distribution function of x",
      "silu": "x times the sigmoid of x",
      "softmax": "positive numbers that sum to 1",
      "flatten": "all axes as one",
      "reshape": "the same numbers in another shape",
      "embedding": "a learned row for each token",
      "positions": "a learned row for each position, added",
      "layer-norm": "each row to mean 0 and deviation 1, then scaled and shifted",
      "attention": "multi-head scaled dot-product attention over positions",
      "select": "a range of the last axis",
      "select-position": "one position of a sequence",
      "mean-positions": "the mean over all positions",
      "sequential": "layers one after the other",
      "residual": "body(x) + shortcut(x)",
      "parallel": "branches of the same input, joined",
      "dropout": "zeros drawn at random in training",
      "repeat": "a body of layers, so many times, as if written out",
    ],
    "loss": [
      "cross-entropy": "softmax cross-entropy, for classes",
      "binary-cross-entropy": "sigmoid cross-entropy, for several yes-or-no targets",
      "mean-squared-error": "(y - t)²",
      "mean-absolute-error": "|y - t|",
      "huber": "squared near the target, absolute beyond delta",
    ],
    "optimizer": [
      "sgd": "stochastic gradient descent, with momentum or Nesterov's",
      "adam": "Adam, with weight decay in the gradient",
      "adamw": "Adam, with weight decay beside the gradient",
      "rmsprop": "steps divided by a mean of recent squares",
      "lamb": "AdamW with a trust ratio for each slot, for large batches",
    ],
    "schedule": [
      "constant": "the same learning rate throughout",
      "step": "times a factor every so many steps",
      "cosine": "down along half a cosine",
      "linear": "down along a line",
      "one-cycle": "up and down again, once",
    ],
    "initialiser": [
      "he": "normal, variance 2 / inputs",
      "glorot": "uniform, variance 2 / (inputs + outputs)",
      "lecun": "normal, variance 1 / inputs",
      "normal": "normal, of a mean and a deviation",
      "zeros": "all 0",
    ],
  ]
}
