namespace Serving;

/// <summary>What a request asks the generator for: its conditions, and a seed.</summary>
internal sealed class Query
{
    public string Label { get; set; } = "";

    public long Seed { get; set; }
}

/// <summary>What it gets.</summary>
internal sealed class Picture
{
    public float[] Sample { get; set; } = [];
}
