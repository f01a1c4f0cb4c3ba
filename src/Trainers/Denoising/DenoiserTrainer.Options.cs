using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Diffusion.Trainers;

public sealed partial class DenoiserTrainer
{
    /// <summary>How a denoiser is trained. The defaults suit small pictures and vectors on a CPU.</summary>
    public sealed class Options : TrainerOptions
    {
        /// <summary>The architecture. Unless given: <see cref="UNet.Small"/> for pictures, <see cref="ResidualMlp.Default"/> for vectors.</summary>
        public Network? Network { get; set; }

        /// <summary>
        /// What the network predicts. Unless given: EDM's preconditioning (Karras et al. 2022, arXiv:2206.00364, Table 1) with the
        /// standard deviation of the training data in model space as σ_data.
        /// </summary>
        public Parameterization? Parameterization { get; set; }

        /// <summary>What the network learns, one of <see cref="KnownObjectives"/> or your own; <see cref="KnownObjectives.Simple"/> unless set.</summary>
        public Objective Objective { get; set; } = KnownObjectives.Simple;

        /// <summary>Which row of a batch meets which noise: <see cref="KnownPairings.OptimalTransport"/> for straighter flows; its own unless set.</summary>
        public NoisePairing Pairing { get; set; } = KnownPairings.Independent;

        /// <summary>
        /// How much each noise level counts in the loss, one of <see cref="KnownLossWeights"/> or your own. <see cref="KnownLossWeights.Uniform"/> unless set: every level
        /// alike in units of what the network predicts.
        /// </summary>
        public LossWeight LossWeight { get; set; } = KnownLossWeights.Uniform;

        /// <summary>
        /// The standard deviation of an offset that all values of a channel of a picture share, added to the noise of training (<see cref="Microsoft.ML.Diffusion.OffsetNoise"/>);
        /// finite, not negative. Helps with pictures that are dark or bright as a whole. For pictures only. 0 unless set; 0.05 to 0.1 is usual.
        /// </summary>
        public double OffsetNoise { get; set; }

        /// <summary>
        /// The probability, in [0, 1], with which a row is trained without its conditions, as classifier-free guidance needs
        /// (Ho and Salimans 2022, arXiv:2207.12598, Algorithm 1). Matters only with condition columns. 0.1 unless set.
        /// </summary>
        [Range(0.0, 0.3, 0.1)]
        public double ConditionDropout { get; set; } = 0.1;

        /// <summary>
        /// The probability, in [0, 1], with which a row is trained without a condition, by the name of its column: each condition on its own, so that any of several may be left out of samples or
        /// guided apart (Liu et al. 2022, arXiv:2206.01714). Comes on top of <see cref="ConditionDropout"/>, which drops all conditions of a row together; columns that are not named are never dropped
        /// alone. None unless set.
        /// </summary>
        public IReadOnlyDictionary<string, double>? ConditionDropouts { get; set => field = value is null ? null : new SortedDictionary<string, double>(value.ToDictionary(), StringComparer.Ordinal); }

        /// <summary>
        /// The condition columns of three dimensions, [1, tokens, width], that are sequences, as an encoder in an ONNX file gives them, and not pictures of one channel. None unless set; columns of two
        /// dimensions, [tokens, width], are sequences anyway.
        /// </summary>
        public IReadOnlyList<string>? SequenceColumns { get; set => field = value is null ? null : [.. value]; }

        /// <summary>
        /// How pictures are turned, scaled, stretched and moved at random, of which the network is told, so that samples are not. For pictures only; validation data stays as it is.
        /// Not at all unless given.
        /// </summary>
        public PictureAugmentation? Augmentation { get; set; }

        /// <summary>
        /// Several weights instead of one, whose mean estimate the model gives: with <see cref="SgldOptimizer"/>, samples of the posterior. The average of weights counts in validation and sheets alone then.
        /// One set of weights unless given.
        /// </summary>
        public WeightEnsemble? Ensemble { get; set; }

        /// <summary>Sheets of samples that the run draws as it goes; for pictures only. None unless given.</summary>
        public TrainingSamples? Samples { get; set; }

        /// <summary>
        /// A trained model from whose denoiser training starts: a chain or the denoiser itself, such as <c>ml.Model.Load</c> gives. Network and parameterization are its own unless
        /// given; the network must have the same parameters. It is read in Fit and stays the caller's. Random weights unless given.
        /// </summary>
        public ITransformer? StartFrom { get; set; }

        /// <summary>
        /// A trained model that is distilled (<see cref="ConsistencyDistillationObjective"/>): a chain or the denoiser itself, of the same data and conditions. It is asked in each step and stays
        /// the caller's. None unless given.
        /// </summary>
        public ITransformer? Teacher { get; set; }

        /// <summary>The name of the column that carries the trained denoiser. <c>Denoiser</c> unless set.</summary>
        public string DenoiserColumnName { get; set; } = "Denoiser";

        /// <summary>The name of the column of denoised data. <c>Denoised</c> unless set.</summary>
        public string DenoisedColumnName { get; set; } = "Denoised";

        internal override WeightEnsemble? ChosenEnsemble => Ensemble;

        internal override void Validate()
        {
            base.Validate();
            Check(Objective is not null, Objective, nameof(Objective), "an objective");
            Check(Pairing is not null, Pairing, nameof(Pairing), "a pairing");
            Check(LossWeight is not null, LossWeight, nameof(LossWeight), "a weight");
            Check(OffsetNoise is >= 0 and < double.PositiveInfinity, OffsetNoise, nameof(OffsetNoise), "finite and not negative");
            Check(ConditionDropout is >= 0 and <= 1, ConditionDropout, nameof(ConditionDropout), "in [0, 1]");
            foreach (var (name, probability) in ConditionDropouts ?? new Dictionary<string, double>())
                Check(probability is >= 0 and <= 1, probability, $"{nameof(ConditionDropouts)}[\"{name}\"]", "in [0, 1]");
            Check(Augmentation is null || !HorizontalFlips, HorizontalFlips, nameof(HorizontalFlips), $"false where {nameof(Augmentation)} is given, which mirrors by itself");
            Check(Ensemble is null || !KeepBest, KeepBest, nameof(KeepBest), $"false where {nameof(Ensemble)} is given, which keeps several weights");
            CheckOutputs((DenoiserColumnName, nameof(DenoiserColumnName)), (DenoisedColumnName, nameof(DenoisedColumnName)));
        }
    }
}
