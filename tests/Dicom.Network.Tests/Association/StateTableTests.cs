namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Rules that PS3.8 section 9.2 gives in words, against the table.</summary>
public sealed class StateTableTests
{
    private static readonly AssociationState[] s_established = [AssociationState.Sta6, AssociationState.Sta7, AssociationState.Sta8, AssociationState.Sta9, AssociationState.Sta10, AssociationState.Sta11, AssociationState.Sta12];

    [Fact]
    public void Every_action_of_the_standard_stands_in_the_table_and_leads_to_a_state()
    {
        HashSet<AssociationAction> used = [];
        foreach (AssociationEvent occurred in Enum.GetValues<AssociationEvent>())
        {
            foreach (AssociationState state in Enum.GetValues<AssociationState>())
            {
                AssociationAction action = StateTable.Action(occurred, state);
                used.Add(action);
                Assert.True(Enum.IsDefined(StateTable.Next(action, state, isRequestor: true)));
            }
        }

        Assert.Equal(Enum.GetValues<AssociationAction>().Order(), used.Order());
    }

    [Fact]
    public void An_abort_or_a_lost_connection_ends_every_state_in_which_there_is_a_connection()
    {
        foreach (AssociationState state in Enum.GetValues<AssociationState>().Where(state => state is not (AssociationState.Sta1 or AssociationState.Sta4)))
        {
            Assert.Equal(AssociationState.Sta1, Next(AssociationEvent.AbortReceived, state));
            Assert.Equal(AssociationState.Sta1, Next(AssociationEvent.ConnectionClosed, state));
        }
    }

    [Fact]
    public void Within_an_association_a_request_an_answer_or_an_invalid_PDU_is_aborted_by_the_provider()
    {
        foreach (AssociationState state in s_established)
        {
            foreach (AssociationEvent occurred in new[] { AssociationEvent.RequestReceived, AssociationEvent.AcceptReceived, AssociationEvent.RejectReceived, AssociationEvent.InvalidReceived })
            {
                Assert.Equal(AssociationAction.AA8, StateTable.Action(occurred, state));
                Assert.Equal(AssociationState.Sta13, Next(occurred, state));
            }
        }
    }

    [Fact]
    public void The_local_user_can_abort_whatever_is_under_way()
    {
        Assert.All(s_established, state => Assert.Equal(AssociationAction.AA1, StateTable.Action(AssociationEvent.AbortRequested, state)));
        Assert.Equal(AssociationAction.AA2, StateTable.Action(AssociationEvent.AbortRequested, AssociationState.Sta4));
        Assert.Equal(AssociationAction.None, StateTable.Action(AssociationEvent.AbortRequested, AssociationState.Sta13));
    }

    [Fact]
    public void ARTIM_counts_before_the_request_and_after_our_last_PDU_only() =>
        Assert.Equal(
            [AssociationState.Sta2, AssociationState.Sta13],
            Enum.GetValues<AssociationState>().Where(state => StateTable.Action(AssociationEvent.ArtimExpired, state) != AssociationAction.None));

    [Fact]
    public void Data_can_be_sent_in_an_association_and_until_a_release_is_answered_only() =>
        Assert.Equal(
            [AssociationState.Sta6, AssociationState.Sta8],
            Enum.GetValues<AssociationState>().Where(state => StateTable.Action(AssociationEvent.DataRequested, state) != AssociationAction.None));

    [Fact]
    public void A_release_collision_tells_the_sides_apart()
    {
        Assert.Equal(AssociationState.Sta9, StateTable.Next(AssociationAction.AR8, AssociationState.Sta7, isRequestor: true));
        Assert.Equal(AssociationState.Sta10, StateTable.Next(AssociationAction.AR8, AssociationState.Sta7, isRequestor: false));
    }

    private static AssociationState Next(AssociationEvent occurred, AssociationState state) => StateTable.Next(StateTable.Action(occurred, state), state, isRequestor: false);
}
