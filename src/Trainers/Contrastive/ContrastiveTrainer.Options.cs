using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers;

public sealed partial class ContrastiveTrainer
{
    /// <summary>
    /// How a pair of encoders is trained. The defaults suit small pictures and vectors on a CPU. A row contrasts with the others of its batch: <see cref="TrainerOptions.BatchSize"/> is at least 2, and larger
    /// ones teach more.
    /// </summary>
    public sealed class Options : TrainerOptions
    {
        /// <summary>The defaults.</summary>
        public Options() => Levels = KnownLevelDistributions.Sampling;

        /// <summary>The length of the vectors that both encoders answer with; at least 1. 64 unless set.</summary>
        public int EmbeddingSize { get; set; } = 64;

        /// <summary>
        /// The encoder of the data, which answers with a vector of <see cref="EmbeddingSize"/> numbers. Unless given: a <see cref="HalfUNet"/> for pictures, else a <see cref="ResidualMlp"/> with
        /// <see cref="ResidualMlp.Answers"/>.
        /// </summary>
        public Network? DataEncoder { get; set; }

        /// <summary>The encoder of the conditions, which answers with a vector of <see cref="EmbeddingSize"/> numbers; a <see cref="ConditionEncoder"/> unless given.</summary>
        public Network? ConditionEncoder { get; set; }

        /// <summary>
        /// Whether the data encoder learns from data of every noise level, as guidance at every level needs (Nichol et al. 2021, arXiv:2112.10741, section 4.2). If not, it learns from data at the cleanest level
        /// of the schedule alone, and <see cref="TrainerOptions.Levels"/> does not matter. True unless set.
        /// </summary>
        public bool NoisedInputs { get; set; } = true;

        /// <summary>The name of the column with the vector of the data. <c>DataEmbedding</c> unless set.</summary>
        public string DataEmbeddingColumnName { get; set; } = ContrastiveColumns.DefaultDataEmbedding;

        /// <summary>The name of the column with the vector of the conditions. <c>ConditionEmbedding</c> unless set.</summary>
        public string ConditionEmbeddingColumnName { get; set; } = ContrastiveColumns.DefaultConditionEmbedding;

        internal override void Validate()
        {
            base.Validate();
            Check(EmbeddingSize >= 1, EmbeddingSize, nameof(EmbeddingSize), "at least 1");
            Check(BatchSize >= 2, BatchSize, nameof(BatchSize), "at least 2, because a row contrasts with the others of its batch");
            CheckOutputs((DataEmbeddingColumnName, nameof(DataEmbeddingColumnName)), (ConditionEmbeddingColumnName, nameof(ConditionEmbeddingColumnName)));
        }
    }
}
