namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Every architecture, small, with each of its options taken once.</summary>
internal static class Architectures
{
    private static readonly ConditionLayout Class = new([new ClassCondition("Class", 4)]);

    private static readonly ConditionLayout ClassAndAugmentation = new([new ClassCondition("Class", 4), new AugmentationCondition(3)]);

    private static readonly ConditionLayout ClassAndVector = new([new ClassCondition("Class", 4), new VectorCondition("Vector", 3)]);

    private static readonly ConditionLayout ClassAndSequence = new([new ClassCondition("Class", 4), new SequenceCondition("Text", 3, 5)]);

    private static readonly ConditionLayout ClassAndTokens = new([new ClassCondition("Class", 4), new TokensCondition("Text", 3, 5)]);

    private static readonly TokenEncoder Encoder = new() { Width = 8, Heads = 2, FeedForwardFactor = 2 };

    /// <summary>Name, network, shape of a sample, conditions.</summary>
    public static IEnumerable<object[]> All =>
    [
        ["U-Net", new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1, 2] }, new DataShape(2, 8, 8), ClassAndVector],
        ["U-Net of patches that do not divide the size", new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1, 2], PatchSize = 2, WithVariance = true }, new DataShape(2, 5, 7), Class],
        ["linear attention over a length that is halved to no whole", new LinearAttentionUNet { Channels = 8, Multipliers = [1, 2, 2], Heads = [2], HeadChannels = [4] }, new DataShape(2, 7), Class],
        ["residual MLP", new ResidualMlp { Width = 16, Blocks = 2 }, new DataShape(5), ClassAndVector],
        ["DDPM++", new SongUNet { Channels = 8, Multipliers = [1, 2], BlocksPerLevel = 1, AttentionSizes = [4] }, new DataShape(3, 8, 4), ClassAndAugmentation],
        ["NCSN++", new SongUNet
        {
            Channels = 8, Multipliers = [1, 2, 2], BlocksPerLevel = 1, AttentionSizes = [8], Embedding = EdmEmbedding.Fourier, NoiseMultiplier = 2, Encoder = EdmEncoder.Residual, ResampleTaps = [1, 3, 3, 1],
        }, new DataShape(1, 8, 8), ClassAndVector],
        ["NCSN++ with skips", new SongUNet
        {
            Channels = 8, Multipliers = [1, 2, 2], BlocksPerLevel = 2, AttentionSizes = [], Encoder = EdmEncoder.Skip, Decoder = EdmDecoder.Skip, ResampleTaps = [1, 3, 3, 1], WithVariance = true,
        }, new DataShape(2, 8, 8), ConditionLayout.Empty],
        ["ADM of EDM", new DhariwalUNet { Channels = 64, Multipliers = [1, 2], BlocksPerLevel = 1, AttentionSizes = [4], EmbeddingMultiplier = 1 }, new DataShape(1, 4, 4), ClassAndAugmentation],
        ["U-Net of diffusers", new DiffusersUNet { Channels = [8, 16], Layers = [1], Groups = 4, Down = [UNetStage.Attention, UNetStage.ResidualResizing], WithVariance = true }, new DataShape(2, 4, 8), ClassAndAugmentation],
        ["U-Net of diffusers with cross attention", new DiffusersUNet
        {
            Channels = [8, 8], Layers = [1], Groups = 4, Down = [UNetStage.CrossAttention], Middle = UNetMiddle.CrossAttention, CrossHeads = [2], ContextWidth = 6, Concatenates = true,
        }, new DataShape(3, 5, 3), ClassAndSequence],
        ["DiT", new DiT { Width = 16, Depth = 2, Heads = 2, LevelFeatures = 8 }, new DataShape(2, 4, 6), ClassAndVector],
        ["DiT of diffusers", new DiT
        {
            Width = 16, Depth = 2, Heads = 2, SharedEmbedding = false, FrequencyShift = 1, AttentionBias = false, ApproximateGelu = false, PositionScale = 2, WithVariance = true, PatchSize = 1, MissingClass = false,
            FeedForwardRatio = 1.5, FeedForwardEpsilon = 1e-5,
        }, new DataShape(3, 3, 3), ClassAndSequence],
        ["ADM", new AdmUNet { Channels = 32, Multipliers = [1, 2], BlocksPerLevel = 1, AttentionFactors = [1], Heads = 2, HeadsUp = 4 }, new DataShape(2, 4, 6), ClassAndVector],
        ["ADM with residual resizing", new AdmUNet
        {
            Channels = 64, Multipliers = [0.5, 1], BlocksPerLevel = 1, AttentionFactors = [2], HeadChannels = 16, ResidualResize = true, NewAttentionOrder = true, ScalesAndShifts = false, WithVariance = true,
        }, new DataShape(1, 4, 4), ConditionLayout.Empty],
        ["ADM with plain resizing", new AdmUNet { Channels = 32, Multipliers = [1, 1], BlocksPerLevel = 2, ConvolvedResize = false }, new DataShape(1, 4, 4), Class],
        ["half a U-Net", new HalfUNet(5) { Whole = new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1, 2], PatchSize = 2 } }, new DataShape(2, 8, 8), Class],
        ["residual MLP that answers for pictures", new ResidualMlp { Width = 16, Blocks = 1, Answers = 3 }, new DataShape(2, 3, 2), ConditionLayout.Empty],
        ["MLP of TabDDPM", new TabularMlp { Widths = [16, 24], EmbeddingWidth = 8 }, new DataShape(5), ClassAndVector],
        ["linear attention over pictures", new LinearAttentionUNet { Channels = 8, Multipliers = [1, 2], Heads = [2], HeadChannels = [4, 8] }, new DataShape(2, 4, 6), ClassAndVector],
        ["linear attention over sequences", new LinearAttentionUNet
        {
            Channels = 8, Multipliers = [1, 2, 2], Heads = [2], HeadChannels = [4], FullAttention = [1], Memories = 0, FirstChannels = 6, FrequencySpan = 100, WithVariance = true,
        }, new DataShape(2, 12), ConditionLayout.Empty],
        ["linear attention with self-conditioning", new LinearAttentionUNet { Channels = 8, Multipliers = [1, 2], Heads = [2], HeadChannels = [4], WithSelfConditioning = true }, new DataShape(2, 4, 6), ClassAndVector],
        ["linear attention and memories over sequences", new LinearAttentionUNet { Channels = 8, Multipliers = [1, 2], Heads = [2], HeadChannels = [4] }, new DataShape(1, 8), Class],
        ["text in front of a U-Net", new TextConditionedNetwork(new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1], WithVariance = true }, Encoder), new DataShape(2, 4, 4), ClassAndTokens],
        ["text in front of a DiT", new TextConditionedNetwork(new DiT { Width = 32, Depth = 2, Heads = 2, LevelFeatures = 32 }, Encoder), new DataShape(2, 4, 6), ClassAndTokens],
        ["text in front of an MLP", new TextConditionedNetwork(new ResidualMlp { Width = 16, Blocks = 1 }, Encoder), new DataShape(3), ClassAndTokens],
        .. Enum.GetValues<ClassifierPool>().Select(pool => new object[]
        {
            $"ADM's classifier, {pool}", new AdmClassifier { Channels = 32, Multipliers = [1, 1], BlocksPerLevel = 1, AttentionFactors = [2], HeadChannels = 16, Classes = 5, Pool = pool },
            new DataShape(3, 8, 4), ConditionLayout.Empty,
        }),
    ];
}
