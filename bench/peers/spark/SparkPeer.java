import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.timestamp_millis;
import static org.apache.spark.sql.functions.unix_millis;
import static org.apache.spark.sql.functions.window;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;

/**
 * The five views as two streaming queries, one by minute and one by minute, kind and key: state in checkpoints, the rows
 * of each micro-batch overwritten in a Parquet folder of its own, so that a batch that runs twice counts once. The newest
 * row of a key holds.
 */
public final class SparkPeer {
  private static final String[] KEYS = {"song", "artist", "state"};
  private static final StructType PLAY = new StructType().add("artist", "string").add("song", "string").add("state", "string").add("ts", "long").add("userId", "long");
  private static final Column MINUTE = window(col("time"), "1 minute").getField("start").as("minute");

  private final Settings settings;
  private final SparkSession spark;
  /** When the rows of a micro-batch by key were written, epoch ms. */
  private final Map<Long, Long> writtenAt = new ConcurrentHashMap<>();

  private SparkPeer(Settings settings) {
    this.settings = settings;
    spark = SparkSession.builder()
        .appName("peer")
        .master("local[2]")
        // With as many partitions as cores; the default of 200 would make 200 state stores.
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", settings.text("directory") + "/local")
        .config("spark.sql.warehouse.dir", settings.text("directory") + "/warehouse")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.streaming.numRecentProgressUpdates", "1000")
        .getOrCreate();
    spark.sparkContext().setLogLevel("ERROR");
  }

  public static void main(String[] args) throws Exception {
    Settings settings = new Settings(args);
    SparkPeer peer = new SparkPeer(settings);
    if (settings.is("mode", "latency")) peer.pace();
    else if (settings.is("mode", "batch")) for (long round = 0; round < settings.number("rounds"); round++) peer.batch();
    else for (long round = 0; round < settings.number("rounds"); round++) peer.catchUp(settings.text("directory") + "/round-" + round);
    peer.spark.stop();
    System.exit(0);
  }

  private Dataset<Row> plays(String startingOffsets) {
    return spark.readStream().format("kafka")
        .option("kafka.bootstrap.servers", settings.text("bootstrap"))
        .option("subscribe", settings.text("topic"))
        .option("startingOffsets", startingOffsets)
        .option("maxOffsetsPerTrigger", settings.text("eventsPerTrigger"))
        .load()
        .select(from_json(col("value").cast("string"), PLAY).as("play"))
        .select(col("play.song"), col("play.artist"), col("play.state"), col("play.userId"), timestamp_millis(col("play.ts")).as("time"))
        .withWatermark("time", settings.text("watermark"));
  }

  private static Dataset<Row> byMinute(Dataset<Row> plays) {
    return plays.groupBy(MINUTE).agg(count("*").as("plays"), approx_count_distinct("userId").as("users"));
  }

  /** One shuffle for all three keys: three queries would read the topic three times. */
  private static Dataset<Row> byKey(Dataset<Row> plays) {
    Column[] keys = new Column[KEYS.length];
    for (int kind = 0; kind < KEYS.length; kind++) keys[kind] = struct(lit(kind).as("kind"), col(KEYS[kind]).as("name"));
    return plays.select(col("time"), explode(array(keys)).as("key")).groupBy(MINUTE, col("key.kind"), col("key.name")).agg(count("*").as("plays"));
  }

  private StreamingQuery query(String name, Dataset<Row> rows, String directory, Trigger trigger) throws Exception {
    VoidFunction2<Dataset<Row>, Long> write = (batch, id) -> {
      batch.write().mode("overwrite").parquet(directory + "/" + name + "/batch=" + id);
      if (name.equals("key")) writtenAt.put(id, System.currentTimeMillis());
    };
    return rows.writeStream().queryName(name).outputMode("update").foreachBatch(write).option("checkpointLocation", directory + "/checkpoint-" + name).trigger(trigger).start();
  }

  /** From the start of the queries to the rows of the last micro-batch written. */
  private void catchUp(String directory) throws Exception {
    Meter.start();
    List<StreamingQuery> queries = List.of(query("minute", byMinute(plays("earliest")), directory, Trigger.AvailableNow()), query("key", byKey(plays("earliest")), directory, Trigger.AvailableNow()));
    for (StreamingQuery each : queries) each.awaitTermination();
    Meter.stop();
    long dropped = 0;
    for (StreamingQuery each : queries) for (StreamingQueryProgress progress : each.recentProgress()) dropped += progress.stateOperators()[0].numRowsDroppedByWatermark();
    Dataset<Row> minutes = spark.read().parquet(directory + "/minute").groupBy("minute").agg(max_by(col("plays"), col("batch")).as("plays"), max_by(col("users"), col("batch")).as("users"));
    Dataset<Row> keys = spark.read().parquet(directory + "/key").groupBy("minute", "kind", "name").agg(max_by(col("plays"), col("batch")).as("plays"));
    Meter.result(totals(minutes, keys).json(",\"dropped\":" + dropped));
  }

  private static Totals totals(Dataset<Row> minutes, Dataset<Row> keys) {
    Totals totals = new Totals();
    for (Row row : minutes.select(unix_millis(col("minute")), col("plays"), col("users")).collectAsList()) {
      totals.row("minute", row.getLong(1));
      totals.users(row.getLong(0), row.getLong(2));
    }
    for (Row row : keys.select("kind", "plays").collectAsList()) totals.row(KEYS[row.getInt(0)], row.getLong(1));
    return totals;
  }

  /** The same from a Parquet file, in one go; users exactly, rows in a temporary view. */
  private void batch() throws Exception {
    Meter.start();
    Dataset<Row> plays = spark.read().parquet(settings.text("parquet")).select(col("song"), col("artist"), col("state"), col("userId"), timestamp_millis(col("ts")).as("time"));
    List<Row> minutes = plays.groupBy(MINUTE).agg(count("*").as("plays"), count_distinct(col("userId")).as("users")).select(unix_millis(col("minute")), col("plays"), col("users")).collectAsList();
    List<List<Row>> keys = new ArrayList<>();
    for (String key : KEYS) keys.add(plays.groupBy(MINUTE, col(key)).agg(count("*").as("plays")).groupBy().agg(count("*"), sum("plays"), sum(col("plays").multiply(col("plays")))).collectAsList());
    Meter.stop();
    Totals totals = new Totals();
    for (Row row : minutes) {
      totals.row("minute", row.getLong(1));
      totals.users(row.getLong(0), row.getLong(2));
    }
    for (int kind = 0; kind < KEYS.length; kind++) totals.sums(KEYS[kind], keys.get(kind).get(0).getLong(0), keys.get(kind).get(0).getLong(1), keys.get(kind).get(0).getLong(2));
    Meter.result(totals.json(""));
  }

  /** Events come at an even pace: what was written when, by the end offsets of the micro-batches by key. */
  private void pace() throws Exception {
    String directory = settings.text("directory");
    Trigger trigger = Trigger.ProcessingTime(settings.text("trigger"));
    List<StreamingQuery> queries = List.of(query("minute", byMinute(plays("latest")), directory, trigger), query("key", byKey(plays("latest")), directory, trigger));
    // Its first offsets are those of its first batch, which is made at the start.
    for (StreamingQuery each : queries) while (each.recentProgress().length == 0) Thread.sleep(50);
    Meter.ask("ready");
    Meter.start();
    Meter.stop();
    for (StreamingQuery each : queries) each.processAllAvailable();
    String sights = java.util.Arrays.stream(queries.get(1).recentProgress())
        .filter(progress -> writtenAt.containsKey(progress.batchId()))
        .map(progress -> "{\"at\":" + writtenAt.get(progress.batchId()) + ",\"until\":" + progress.sources()[0].endOffset() + "}")
        .collect(Collectors.joining(",", "[", "]"));
    for (StreamingQuery each : queries) each.stop();
    Meter.result("{\"sights\":" + sights + "}");
  }
}
