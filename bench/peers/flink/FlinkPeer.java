import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple1;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * The five views in event-time windows, whose state is on the heap and in a checkpoint every ten seconds. Watermarks are
 * those of each partition, three minutes behind, which is as late as events are: a window fires once, when it is whole.
 */
public final class FlinkPeer {
  /** What windows fired, by view, then by minute and key. They run in this process. */
  private static final Map<String, Map<String, Long>> FIRED = new ConcurrentHashMap<>();

  private FlinkPeer() {}

  public static void main(String[] args) throws Exception {
    Settings settings = new Settings(args);
    for (long round = settings.number("rounds"); round > 0; round--) {
      FIRED.clear();
      for (String view : new String[] {"minute", "song", "artist", "state", "users"}) FIRED.put(view, new ConcurrentHashMap<>());
      Meter.start();
      run(settings);
      Meter.stop();
      Totals totals = new Totals();
      for (String view : new String[] {"minute", "song", "artist", "state"}) for (long count : FIRED.get(view).values()) totals.row(view, count);
      FIRED.get("users").forEach((minute, users) -> totals.users(Long.parseLong(minute), users));
      Meter.result(totals.json(""));
    }
    System.exit(0);
  }

  private static void run(Settings settings) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("pipeline.object-reuse", "true");
    configuration.setString("rest.bind-address", "127.0.0.1");
    configuration.setString("jobmanager.bind-host", "127.0.0.1");
    configuration.setString("taskmanager.bind-host", "127.0.0.1");
    configuration.setString("execution.checkpointing.interval", "10 s");
    configuration.setString("execution.checkpointing.storage", "filesystem");
    configuration.setString("execution.checkpointing.dir", Path.of(settings.text("directory"), "checkpoints").toUri().toString());
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, configuration);
    KafkaSource<Play> source = KafkaSource.<Play>builder()
        .setBootstrapServers(settings.text("bootstrap"))
        .setTopics(settings.text("topic"))
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setBounded(OffsetsInitializer.latest())
        .setValueOnlyDeserializer(new PlayReader())
        .build();
    WatermarkStrategy<Play> watermarks = WatermarkStrategy.<Play>forBoundedOutOfOrderness(Duration.ofMinutes(3)).withTimestampAssigner((play, appended) -> play.ts);
    DataStream<Play> plays = environment.fromSource(source, watermarks, "plays");
    count(plays.map(play -> Tuple1.of(play.song)).returns(Types.TUPLE(Types.STRING)), "song");
    count(plays.map(play -> Tuple1.of(play.artist)).returns(Types.TUPLE(Types.STRING)), "artist");
    count(plays.map(play -> Tuple1.of(play.state)).returns(Types.TUPLE(Types.STRING)), "state");
    plays.map(play -> Tuple2.of("all", play.userId)).returns(Types.TUPLE(Types.STRING, Types.LONG))
        .keyBy(play -> play.f0, Types.STRING)
        .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
        .aggregate(new DistinctUsers(), new FireUsers())
        .sinkTo(new DiscardingSink<>());
    environment.execute();
  }

  private static void count(DataStream<Tuple1<String>> keys, String view) {
    keys.keyBy(key -> key.f0, Types.STRING)
        .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
        .aggregate(new Count(), new Fire(view))
        .sinkTo(new DiscardingSink<>());
  }

  public static final class PlayReader extends AbstractDeserializationSchema<Play> {
    private transient ObjectReader reader;

    public PlayReader() {
      super(TypeInformation.of(Play.class));
    }

    @Override
    public Play deserialize(byte[] value) throws IOException {
      if (reader == null) reader = new ObjectMapper().readerFor(Play.class);
      return reader.readValue(value);
    }
  }

  public static final class Count implements AggregateFunction<Tuple1<String>, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Tuple1<String> key, Long count) {
      return count + 1;
    }

    @Override
    public Long getResult(Long count) {
      return count;
    }

    @Override
    public Long merge(Long left, Long right) {
      return left + right;
    }
  }

  public static final class PlaysAndUsers {
    public long plays;
    public HashSet<Long> users = new HashSet<>();
  }

  public static final class DistinctUsers implements AggregateFunction<Tuple2<String, Long>, PlaysAndUsers, Tuple2<Long, Long>> {
    @Override
    public PlaysAndUsers createAccumulator() {
      return new PlaysAndUsers();
    }

    @Override
    public PlaysAndUsers add(Tuple2<String, Long> play, PlaysAndUsers minute) {
      minute.plays++;
      minute.users.add(play.f1);
      return minute;
    }

    @Override
    public Tuple2<Long, Long> getResult(PlaysAndUsers minute) {
      return Tuple2.of(minute.plays, (long) minute.users.size());
    }

    @Override
    public PlaysAndUsers merge(PlaysAndUsers left, PlaysAndUsers right) {
      left.plays += right.plays;
      left.users.addAll(right.users);
      return left;
    }
  }

  public static final class Fire extends ProcessWindowFunction<Long, Long, String, TimeWindow> {
    private final String view;

    public Fire(String view) {
      this.view = view;
    }

    @Override
    public void process(String key, Context context, Iterable<Long> counts, Collector<Long> out) {
      long count = counts.iterator().next();
      FIRED.get(view).put(context.window().getStart() + " " + key, count);
      out.collect(count);
    }
  }

  public static final class FireUsers extends ProcessWindowFunction<Tuple2<Long, Long>, Long, String, TimeWindow> {
    @Override
    public void process(String key, Context context, Iterable<Tuple2<Long, Long>> minutes, Collector<Long> out) {
      Tuple2<Long, Long> minute = minutes.iterator().next();
      String start = Long.toString(context.window().getStart());
      FIRED.get("minute").put(start, minute.f0);
      FIRED.get("users").put(start, minute.f1);
      out.collect(minute.f0);
    }
  }
}
