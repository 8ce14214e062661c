import java.io.File
import java.net.InetSocketAddress
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.hive.conf.HiveConf
import org.apache.hadoop.hive.metastore.{HiveMetaStore, IHMSHandler, RetryingHMSHandler, TUGIBasedProcessor}
import org.apache.hadoop.hive.thrift.TUGIContainingTransport
import org.apache.thrift.protocol.TBinaryProtocol
import org.apache.thrift.server.TThreadPoolServer
import org.apache.thrift.transport.TServerSocket

/**
 * The metastore on one address: `HiveMetaStore.main` of Hive 2.3 listens on every interface. Arguments: host, port, file of
 * settings.
 */
object MetastoreServer {
  def main(args: Array[String]): Unit = {
    val conf = new HiveConf(classOf[HiveMetaStore])
    val site = new Configuration(false)
    site.addResource(new File(args(2)).toURI.toURL)
    site.forEach(entry => conf.set(entry.getKey, entry.getValue))
    val handler: IHMSHandler = RetryingHMSHandler.getProxy(conf, new HiveMetaStore.HMSHandler("metastore", conf, false), false)
    val socket = new TServerSocket(new InetSocketAddress(args(0), args(1).toInt))
    val server = new TThreadPoolServer(
      new TThreadPoolServer.Args(socket)
        .processor(new TUGIBasedProcessor[IHMSHandler](handler))
        .transportFactory(new TUGIContainingTransport.Factory())
        .protocolFactory(new TBinaryProtocol.Factory())
        .minWorkerThreads(4)
        .maxWorkerThreads(200))
    Runtime.getRuntime.addShutdownHook(new Thread(() => server.stop()))
    System.err.println(s"the metastore listens on ${args(0)}:${args(1)}")
    server.serve()
  }
}
