import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/** The columns of a listen event that the views take. */
@JsonIgnoreProperties(ignoreUnknown = true)
public class Play {
  public String song;
  public String artist;
  public String state;
  public long ts;
  public long userId;

  public Play() {}
}
