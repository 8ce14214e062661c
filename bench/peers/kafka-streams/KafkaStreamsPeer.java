import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyWindowStore;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The five views in windowed stores: RocksDB on the disk, made durable by changelog topics in Kafka. Each key that is
 * counted by takes a way through a repartition topic, as everywhere in Kafka Streams.
 */
public final class KafkaStreamsPeer {
  private static final String[] KEYS = {"song", "artist", "state"};
  private static final ObjectReader READER = new ObjectMapper().readerFor(Play.class);

  private final Settings settings;
  /** Updates of the stores, of all four aggregations together. */
  private final LongAdder updates = new LongAdder();
  private volatile Latencies latencies;

  private KafkaStreamsPeer(Settings settings) {
    this.settings = settings;
  }

  public static void main(String[] args) throws Exception {
    Settings settings = new Settings(args);
    KafkaStreamsPeer peer = new KafkaStreamsPeer(settings);
    if (settings.is("mode", "latency")) peer.pace();
    else for (long round = settings.number("rounds"); round > 0; round--) peer.catchUp();
    System.exit(0);
  }

  private Topology topology() {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<byte[], Play> plays = builder.stream(settings.text("topic"), Consumed.with(Serdes.ByteArray(), Serdes.serdeFrom((topic, play) -> null, new PlayReader())).withTimestampExtractor(new EventTime()));
    TimeWindows minutes = TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofMinutes(settings.number("graceMinutes")));
    for (String key : KEYS) {
      var counts = plays
          .map((none, play) -> KeyValue.pair(key.equals("song") ? play.song : key.equals("artist") ? play.artist : play.state, new byte[0]))
          .groupByKey(Grouped.with(key, Serdes.String(), Serdes.ByteArray()))
          .windowedBy(minutes)
          .aggregate(() -> 0L, (name, none, count) -> {
            updates.increment();
            return count + 1;
          }, Materialized.<String, Long, WindowStore<Bytes, byte[]>>as(key).withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()));
      if (key.equals("song") && settings.is("mode", "latency")) counts.toStream().process(Watch::new);
    }
    plays
        .map((none, play) -> KeyValue.pair("all", play.userId))
        .groupByKey(Grouped.with("minute", Serdes.String(), Serdes.Long()))
        .windowedBy(minutes)
        .aggregate(UserSketch::empty, (all, userId, sketch) -> {
          updates.increment();
          return UserSketch.add(sketch, userId);
        }, Materialized.<String, byte[], WindowStore<Bytes, byte[]>>as("minute").withKeySerde(Serdes.String()).withValueSerde(Serdes.ByteArray()));
    return builder.build();
  }

  private Properties properties(String application) {
    Properties properties = new Properties();
    properties.put("application.id", application);
    properties.put("bootstrap.servers", settings.text("bootstrap"));
    properties.put("state.dir", settings.text("directory"));
    properties.put("num.stream.threads", "2");
    properties.put("statestore.cache.max.bytes", settings.text("cacheBytes"));
    properties.put("producer.linger.ms", settings.text("lingerMs"));
    properties.put("auto.offset.reset", settings.is("mode", "latency") ? "latest" : "earliest");
    return properties;
  }

  /** From the start of the application to everything in the stores, the changelogs and the committed offsets. */
  private void catchUp() throws Exception {
    String application = "peer-" + UUID.randomUUID();
    long expected = settings.number("events") * 4;
    updates.reset();
    Meter.start();
    KafkaStreams streams = new KafkaStreams(topology(), properties(application));
    streams.start();
    // Dropped updates never reach an aggregation; asking for them takes a moment.
    for (int look = 1; updates.sum() < expected; look++) {
      if (look % 25 == 0 && updates.sum() + dropped(streams) >= expected) break;
      if (streams.state() == KafkaStreams.State.ERROR) throw new IllegalStateException("the application has failed");
      Thread.sleep(20);
    }
    Meter.stop();
    // Stores answer only as long as the application runs.
    String result = totals(streams).json(",\"dropped\":" + dropped(streams));
    Meter.start();
    streams.close(Duration.ofSeconds(60));
    Meter.stop();
    Meter.result(result);
    remove(streams, application);
  }

  private Totals totals(KafkaStreams streams) {
    Totals totals = new Totals();
    for (String key : KEYS) {
      ReadOnlyWindowStore<String, Long> store = streams.store(StoreQueryParameters.fromNameAndType(key, QueryableStoreTypes.windowStore()));
      try (var rows = store.all()) {
        while (rows.hasNext()) totals.row(key, rows.next().value);
      }
    }
    ReadOnlyWindowStore<String, byte[]> store = streams.store(StoreQueryParameters.fromNameAndType("minute", QueryableStoreTypes.windowStore()));
    try (var rows = store.all()) {
      while (rows.hasNext()) {
        var row = rows.next();
        totals.row("minute", UserSketch.plays(row.value));
        totals.users(row.key.window().start(), UserSketch.users(row.value));
      }
    }
    return totals;
  }

  /** Updates that came after the grace of their window, by the stream time of their task. */
  private static long dropped(KafkaStreams streams) {
    return (long) streams.metrics().values().stream().filter(metric -> metric.metricName().name().equals("dropped-records-total")).mapToDouble(metric -> (Double) metric.metricValue()).sum();
  }

  /** Events come at an even pace: from an event's time to its forwarded count by song. */
  private void pace() throws Exception {
    String application = "peer-" + UUID.randomUUID();
    KafkaStreams streams = new KafkaStreams(topology(), properties(application));
    streams.start();
    while (streams.state() != KafkaStreams.State.RUNNING) Thread.sleep(20);
    Meter.ask("ready");
    Meter.start();
    latencies = new Latencies();
    Meter.stop();
    Latencies measured = latencies;
    latencies = null;
    Meter.result(measured.json());
    streams.close(Duration.ofSeconds(60));
    remove(streams, application);
  }

  private void remove(KafkaStreams streams, String application) throws Exception {
    streams.cleanUp();
    Properties properties = new Properties();
    properties.put("bootstrap.servers", settings.text("bootstrap"));
    try (Admin admin = Admin.create(properties)) {
      List<String> own = admin.listTopics().names().get().stream().filter(name -> name.startsWith(application)).toList();
      admin.deleteTopics(own).all().get();
    }
  }

  private final class Watch implements Processor<Windowed<String>, Long, Void, Void> {
    @Override
    public void process(Record<Windowed<String>, Long> update) {
      Latencies current = latencies;
      if (current != null) current.add(System.currentTimeMillis() - update.timestamp());
    }
  }

  private static final class PlayReader implements Deserializer<Play> {
    @Override
    public Play deserialize(String topic, byte[] value) {
      try {
        return READER.readValue(value);
      } catch (IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }
  }

  private static final class EventTime implements TimestampExtractor {
    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
      return record.value() instanceof Play play ? play.ts : record.timestamp();
    }
  }
}
