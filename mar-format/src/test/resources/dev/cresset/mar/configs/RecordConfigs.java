import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pytorch.serve.archive.model.ModelConfig;
import org.pytorch.serve.archive.utils.ArchiveUtils;

/** Writes to expected.json what TorchServe's own classes read from each YAML file of a folder. */
public class RecordConfigs {
    public static void main(String[] args) throws Exception {
        File[] files = new File(args[0]).listFiles((folder, name) -> name.endsWith(".yaml"));
        Arrays.sort(files);
        Map<String, Object> all = new LinkedHashMap<>();
        for (File file : files) {
            ModelConfig config = ModelConfig.build(ArchiveUtils.readYamlFile(file));
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("minWorkers", config.getMinWorkers());
            one.put("maxWorkers", config.getMaxWorkers());
            one.put("batchSize", config.getBatchSize());
            one.put("maxBatchDelay", config.getMaxBatchDelay());
            one.put("responseTimeout", config.getResponseTimeout());
            one.put("startupTimeout", config.getStartupTimeout());
            one.put("clientTimeoutInMills", config.getClientTimeoutInMills());
            one.put("maxRetryTimeoutInSec", config.getMaxRetryTimeoutInSec());
            one.put("jobQueueSize", config.getJobQueueSize());
            one.put("deviceType", config.getDeviceType().toString());
            one.put("deviceIds", config.getDeviceIds());
            one.put("parallelType", config.getParallelType().toString());
            one.put("parallelLevel", config.getParallelLevel());
            one.put("sequenceBatching", config.isSequenceBatching());
            one.put("continuousBatching", config.isContinuousBatching());
            one.put("sequenceMaxIdleMSec", config.getSequenceMaxIdleMSec());
            one.put("sequenceTimeoutMSec", config.getSequenceTimeoutMSec());
            one.put("maxSequenceJobQueueSize", config.getMaxSequenceJobQueueSize());
            one.put("maxNumSequence", config.getMaxNumSequence());
            one.put("useJobTicket", config.isUseJobTicket());
            one.put("asyncCommunication", config.isAsyncCommunication());
            one.put("useVenv", config.getUseVenv());
            ModelConfig.TorchRun torchrun = config.getTorchRun();
            if (torchrun != null) {
                Map<String, Object> run = new LinkedHashMap<>();
                run.put("nnodes", torchrun.getNnodes());
                run.put("nproc-per-node", torchrun.getNprocPerNode());
                run.put("rdzv-backend", torchrun.getRdzvBackend());
                run.put("rdzv-endpoint", torchrun.getRdzvEndpoint());
                run.put("rdzv-conf", torchrun.getRdzvConf());
                run.put("monitor-interval", torchrun.getMonitorInterval());
                run.put("node-rank", torchrun.getNodeRank());
                run.put("OMP_NUMBER_THREADS", torchrun.getOmpNumberThreads());
                one.put("torchrun", run);
            }
            all.put(file.getName(), one);
        }
        // Not printed: the front end logs to the same stream.
        Files.writeString(
                Path.of(args[0], "expected.json"), new com.google.gson.GsonBuilder().setPrettyPrinting().serializeNulls().create().toJson(all) + "\n");
    }
}
