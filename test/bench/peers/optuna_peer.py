"""Optuna's samplers on a tabular benchmark, one search a seed, in the form in which `nas bench --json` tells of its own.

    python3 optuna_peer.py FILE --cost flops_m --target 55.4 --alpha -0.07 --beta -0.07 --budgets 50,100 --seeds 10

TPE (multivariate) maximises acc * (cost / target)^w; NSGA-II (population 20) sees accuracy and cost. `reference` and
`optimum` are given, so that both programs compare with the same.
"""

import argparse
import json
import multiprocessing
import sys
import time

import optuna


def hypervolume(points, reference):
    accuracy, cost = reference
    area, below = 0.0, accuracy
    for a, c in sorted((p for p in points if p[1] < cost), key=lambda p: (p[1], -p[0])):
        if a > below:
            area += (a - below) * (cost - c)
            below = a
    return area


def search(task):
    sampler_name, seed, args = task
    with open(args.file) as file:
        table = json.load(file)
    sizes, accuracies, costs = table["vars"], table["acc"], table[args.cost]

    def look_up(trial):
        index = 0
        for place, size in enumerate(sizes):
            index = index * size + trial.suggest_categorical(f"v{place}", list(range(size)))
        return accuracies[index], costs[index]

    tried = []

    def reward(accuracy, cost):
        return accuracy * (cost / args.target) ** (args.alpha if cost <= args.target else args.beta)

    def one_goal(trial):
        accuracy, cost = look_up(trial)
        tried.append((accuracy, cost))
        return reward(accuracy, cost)

    def two_goals(trial):
        accuracy, cost = look_up(trial)
        tried.append((accuracy, cost))
        return accuracy, cost

    if sampler_name == "optuna TPE":
        sampler = optuna.samplers.TPESampler(multivariate=True, seed=seed)
        study, goal = optuna.create_study(direction="maximize", sampler=sampler), one_goal
    else:
        sampler = optuna.samplers.NSGAIISampler(population_size=20, seed=seed)
        study, goal = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler), two_goals
    began = time.process_time()
    study.optimize(goal, n_trials=args.budgets[-1])
    seconds = time.process_time() - began
    regrets, volumes = [], []
    for budget in args.budgets:
        best = max(reward(a, c) for a, c in tried[:budget])
        regrets.append(100 * (args.optimum - best) / args.optimum)
        volumes.append(hypervolume(tried[:budget], args.reference) / args.hypervolume)
    return regrets, volumes, 1000 * seconds / args.budgets[-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--cost", required=True)
    for name in ("target", "alpha", "beta", "optimum", "hypervolume"):
        parser.add_argument(f"--{name}", type=float, required=True)
    parser.add_argument("--reference", type=lambda text: [float(x) for x in text.split(",")], required=True)
    parser.add_argument("--budgets", type=lambda text: [int(x) for x in text.split(",")], required=True)
    parser.add_argument("--seeds", type=int, required=True)
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    summaries = []
    with multiprocessing.Pool() as pool:
        for sampler in ("optuna TPE", "optuna NSGA-II"):
            results = pool.map(search, [(sampler, seed, args) for seed in range(args.seeds)], chunksize=1)
            mean = lambda values: sum(values) / len(values)
            by_budget = lambda which: {
                str(budget): mean([result[which][i] for result in results])
                for i, budget in enumerate(args.budgets)
            }
            summaries.append(
                {
                    "strategy": sampler,
                    "regretPercent": by_budget(0),
                    "hypervolumeRatio": by_budget(1),
                    "cpuSecondsPer1000": mean([result[2] for result in results]),
                }
            )
    json.dump(summaries, sys.stdout)


if __name__ == "__main__":
    main()
