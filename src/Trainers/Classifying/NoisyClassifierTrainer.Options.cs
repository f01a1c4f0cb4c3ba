using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers;

public sealed partial class NoisyClassifierTrainer
{
    /// <summary>How a classifier is trained. The defaults suit small pictures and vectors on a CPU.</summary>
    public sealed class Options : TrainerOptions
    {
        /// <summary>The defaults.</summary>
        public Options() => Levels = KnownLevelDistributions.Sampling;

        /// <summary>
        /// The architecture, which answers with a vector of a logit for each class. Unless given: a <see cref="HalfUNet"/> for pictures, else a <see cref="ResidualMlp"/> with
        /// <see cref="ResidualMlp.Answers"/>. <see cref="AdmClassifier"/> is the paper's.
        /// </summary>
        public Network? Network { get; set; }

        /// <summary>The name of the column with the likeliest label. <c>PredictedLabel</c> unless set.</summary>
        public string PredictedLabelColumnName { get; set; } = ClassifierColumns.DefaultPredictedLabel;

        /// <summary>The name of the column with the probability of each label. <c>Score</c> unless set.</summary>
        public string ScoreColumnName { get; set; } = ClassifierColumns.DefaultScore;

        internal override void Validate()
        {
            base.Validate();
            CheckOutputs((PredictedLabelColumnName, nameof(PredictedLabelColumnName)), (ScoreColumnName, nameof(ScoreColumnName)));
        }
    }
}
