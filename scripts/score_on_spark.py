"""Scores a table of any size on Apache Spark with an exported model.

    spark-submit scripts/score_on_spark.py model.onnx "firms/*.csv" scored/ [--repeat N]

The model (`beliefscope export MODEL --onnx model.onnx`) goes to every worker once; onnxruntime scores the rows there, a batch of
some thousand at a time, and the columns pd, class and grade are added to those of the table. Needs pyspark, pandas, pyarrow
and onnxruntime on the workers.
"""

import argparse
import json
import time

import onnxruntime
import pandas
from pyspark.sql import SparkSession, functions
from pyspark.sql.types import DoubleType, LongType, StringType, StructField, StructType

# Rows scored together. An SVM holds them against all its support vectors at once: 8 bytes for each pair.
BATCH = 4096

# Texts that the program counts as missing by default, in small letters. Numbers need no list: what is none is missing.
MISSING = (
    "? na n/a n.a. n.a <na> nan -nan null <null> (null) \\n #n/a #na #null! #div/0! #value! #ref! #num! #name?"
).split()


def open_model(model):
    """A session of the model's bytes. One thread: Spark runs one task per core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("model")
    arguments.add_argument("table")
    arguments.add_argument("out")
    arguments.add_argument("--repeat", type=int, default=1, help="score the table this many times over: to measure speed")
    arguments = arguments.parse_args()

    with open(arguments.model, "rb") as file:
        model = file.read()
    session = open_model(model)
    inputs = json.loads(session.get_modelmeta().custom_metadata_map["beliefscope.inputs"])
    outputs = [output.name for output in session.get_outputs()]

    spark = SparkSession.builder.appName("beliefscope").getOrCreate()
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", BATCH)
    shared = spark.sparkContext.broadcast(model)

    # Cells as they are written: what is a number and what is a text, the model says.
    table = spark.read.csv(arguments.table, header=True, comment="#")
    lacking = [one["indicator"] for one in inputs if one["indicator"] not in table.columns]
    if lacking:
        raise SystemExit(f"{arguments.table} has no column {', '.join(lacking)}")
    if arguments.repeat > 1:
        again = spark.range(arguments.repeat, numPartitions=4 * spark.sparkContext.defaultParallelism)
        table = again.select(functions.col("id").alias("copy")).crossJoin(functions.broadcast(table))

    def score(batches):
        session = open_model(shared.value)
        for batch in batches:
            feed = {}
            for one in inputs:
                cells = batch[one["indicator"]].str.strip()
                if one["kind"] == "number":
                    cells = pandas.to_numeric(cells, errors="coerce").astype("float64")
                else:
                    cells = cells.fillna("")
                    cells = cells.where(~cells.str.lower().isin(MISSING), "").astype(object)
                feed[one["input"]] = cells.to_numpy().reshape(-1, 1)
            for name, values in zip(outputs, session.run(outputs, feed)):
                batch[name] = values[:, 0]
            yield batch

    types = {"pd": DoubleType(), "class": LongType(), "grade": StringType()}
    added = [StructField(name, types[name]) for name in outputs]
    start = time.monotonic()
    scored = table.mapInPandas(score, StructType(table.schema.fields + added))
    scored.write.mode("overwrite").csv(arguments.out, header=True)
    seconds = time.monotonic() - start
    summary = spark.read.csv(arguments.out, header=True).agg(
        functions.count("*").alias("rows"), functions.avg("pd").alias("pd"), functions.avg("class").alias("bad")
    ).first()
    print(
        f"{summary['rows']} rows in {seconds:.1f} s; mean PD {float(summary['pd']):.4f}, "
        f"{100 * float(summary['bad']):.1f} % called bad"
    )


if __name__ == "__main__":
    main()
